import { registry } from "@web/core/registry";

/**
 * A clerk credits an invoice that is not known in the accounting system: blocked, then exported by
 * the worker while the window waits, and it goes on by itself. The test opens the invoice.
 */
registry.category("web_tour.tours").add("credit_export_tour", {
    steps: () => [
        {
            content: "The form says that it is not recorded",
            trigger: "button[name=action_view_exports]:contains(Not recorded)",
        },
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "The window explains",
            trigger:
                ".modal:contains(Invoice Not Exported) p:contains(This invoice has not been recorded as exported.)",
        },
        {
            content: "It names the system",
            trigger: ".modal [name=export_document] [name=system_id]:contains(Books)",
        },
        {
            content: "OK asks",
            trigger: ".modal footer button[name=action_check]:contains(OK)",
            run: "click",
        },
        {
            content: "Not there: it stays blocked, and says what to do",
            trigger: ".modal [name=export_answer]:contains(export it now)",
        },
        {
            content: "The dialog of the credit is not open",
            trigger: "body:not(:has(button[name=action_create_credit]))",
        },
        {
            content: "Details for support can be copied",
            trigger: ".modal footer button:contains(Copy Details for Support)",
        },
        {
            content: "Export Now, Then Credit",
            trigger: ".modal footer button[name=action_export]",
            run: "click",
        },
        {
            content: "The window waits",
            trigger: ".modal [name=export_waiting] .fa-spin",
        },
        {
            content: "It goes on by itself",
            trigger: ".modal:contains(Credit this Invoice) button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "The credit has opened",
            trigger: ".o_form_view [name=credit_origin] [name=reversed_entry_id]",
        },
    ],
});

/** The same where the invoice is found: one click. */
registry.category("web_tour.tours").add("credit_export_found_tour", {
    steps: () => [
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "OK asks",
            trigger: ".modal footer button[name=action_check]:contains(OK)",
            run: "click",
        },
        {
            content: "It is there: the dialog of the credit opens by itself",
            trigger: ".modal:contains(Credit this Invoice) button[name=action_create_credit]",
        },
    ],
});

/** What goes on in the background is followed by its form. */
registry.category("web_tour.tours").add("credit_export_progress_tour", {
    steps: () => [
        {
            content: "It goes on",
            trigger: ".o_form_view [name=percentage] .fa-refresh",
        },
        {
            content: "It is done, without a reload",
            trigger: ".o_form_view [name=summary]:contains(All were found)",
        },
        {
            content: "Nobody asks any more",
            trigger: ".o_form_view:not(:has(.fa-refresh))",
        },
    ],
});
