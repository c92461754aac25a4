import { useEffect, useRef } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

// Where Enter means something else: it picks a suggestion, breaks a line, presses that button, or
// goes to the next row of the table.
const OWN_ENTER = "button, a, textarea, [contenteditable=true], .o_field_x2many *";
// A field with its list of suggestions open; that of another field may still be closing.
const SUGGESTING = ".o-autocomplete:has(.o-autocomplete--dropdown-menu)";
// Nobody who has not chosen anything yet wants the whole invoice credited.
const CHOICE = ".o_field_many2one input";

/** The dialog of "Credit this Invoice": Enter presses the primary button. */
export class CreditDialogController extends FormController {
    setup() {
        super.setup();
        this.dialogRef = useRef("root");
        useHotkey("enter", () => this.goOn(), {
            bypassEditableProtection: true,
            isAvailable: () =>
                !document.activeElement?.matches(OWN_ENTER) &&
                !document.activeElement?.closest(SUGGESTING),
        });
        useEffect(
            (primary) => {
                if (primary === "reinvoice") {
                    this.dialogRef.el
                        ?.querySelector("[name=replacement_partner_id] input")
                        ?.focus();
                }
            },
            () => [this.model.root.data.primary_button]
        );
    }

    /** From an empty choice, Enter goes to the primary button: the next one presses it. */
    goOn() {
        const dialog = this.dialogRef.el?.closest(".modal");
        const button = dialog?.querySelector("footer button.btn-primary:not([disabled])");
        const field = document.activeElement;
        if (field?.matches(CHOICE) && !field.value) {
            button?.focus();
        } else {
            button?.click();
        }
    }
}

registry
    .category("views")
    .add("credit_dialog", { ...formView, Controller: CreditDialogController });
