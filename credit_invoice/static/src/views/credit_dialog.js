import { useRef } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

// Where Enter means something else: it picks a suggestion, breaks a line, presses that button, or
// goes to the next row of the table.
const OWN_ENTER = "button, a, textarea, [contenteditable=true], .o_field_x2many *";

/** The dialog of "Credit this Invoice": Enter creates the credit. */
export class CreditDialogController extends FormController {
    setup() {
        super.setup();
        this.dialogRef = useRef("root");
        useHotkey("enter", () => this.createCredit(), {
            bypassEditableProtection: true,
            isAvailable: () =>
                !document.activeElement?.matches(OWN_ENTER) &&
                !document.querySelector(".o-autocomplete--dropdown-menu"),
        });
    }

    createCredit() {
        const dialog = this.dialogRef.el?.closest(".modal");
        dialog?.querySelector("button[name=action_create_credit]:not([disabled])")?.click();
    }
}

registry
    .category("views")
    .add("credit_dialog", { ...formView, Controller: CreditDialogController });
