import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The line of an invoice in the table "Part of it": of which invoice it is, its description, and why
 * it cannot be credited as typed.
 */
export class CreditPartLineField extends Component {
    static template = "credit_invoice.CreditPartLineField";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }
}

registry.category("fields").add("credit_part_line", {
    component: CreditPartLineField,
    supportedTypes: ["char", "text"],
    fieldDependencies: [
        { name: "invoice_name", type: "char" },
        { name: "is_combined", type: "boolean" },
        { name: "refusal", type: "char" },
        { name: "share_notice", type: "char" },
    ],
});
