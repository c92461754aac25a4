import { registry } from "@web/core/registry";
import { pivotView } from "@web/views/pivot/pivot_view";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { Domain } from "@web/core/domain";

/**
 * A figure lists what it is made of: what was invoiced, or what was credited.
 */
export class CreditReportPivotRenderer extends PivotRenderer {
    /** @override */
    onOpenView(cell, newWindow) {
        this.linkedMeasure = cell.measure;
        super.onOpenView(cell, newWindow);
    }

    /** @override */
    openView(domain, views, context, newWindow) {
        const operator = this.linkedMeasure === "sales" ? "!=" : "=";
        const documents = [["move_type", operator, "out_refund"]];
        super.openView(Domain.and([domain, documents]).toList(), views, context, newWindow);
    }
}

registry.category("views").add("credit_report_pivot", {
    ...pivotView,
    Renderer: CreditReportPivotRenderer,
});
