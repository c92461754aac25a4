import { registry } from "@web/core/registry";
import { addListTours } from "@credit_invoice/../tests/tours/credit_invoice_tour";

addListTours("action_create_and_approve", "Credit Notes");

const tours = registry.category("web_tour.tours");

/** All rows of the list are chosen, and an action started. */
const startAction = (name) => [
    {
        content: "Choose all rows",
        trigger: "thead .o_list_record_selector input",
        run: "click",
    },
    {
        content: "Open the actions",
        trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
        run: "click",
    },
    {
        content: name,
        trigger: `.o-dropdown-item:contains(/^${name}$/)`,
        run: "click",
    },
];

/** After the last window the list stands there again, with what was posted. */
const backInTheList = (count) => [
    {
        content: "Back in the list, where all are posted",
        trigger: `body:not(:has(.modal)):not(:has(.o_error_dialog)) .o_list_view:not(:has(.o_data_row .badge:contains(/^Draft$/))) .o_data_row:nth-child(${count})`,
    },
];

/** Credits are approved at once. The test opens the list of drafts. */
for (const count of [2, 3]) {
    tours.add(`credit_approve_${count}_tour`, {
        steps: () => [
            ...startAction("Approve Credit Notes"),
            {
                content: "The window says how many",
                trigger: `.modal [name=subheading]:contains(${count} credit notes)`,
            },
            {
                content: "Approve",
                trigger: ".modal footer button[name=action_approve]",
                run: "click",
            },
            {
                content: "The notice",
                trigger: `.o_notification:contains(${count} credit notes approved)`,
            },
            ...backInTheList(count),
        ],
    });
    tours.add(`credit_approve_one_by_one_${count}_tour`, {
        steps: () => [
            ...startAction("Approve Credit Notes One by One"),
            ...Array.from({ length: count }, (_, index) => [
                {
                    content: `Number ${index + 1}`,
                    trigger: `.modal .modal-title:contains(${index + 1} of ${count})`,
                },
                {
                    content: "Approve it",
                    trigger: ".modal footer button.btn-primary:contains(Approve):enabled",
                    run: "click",
                },
            ]).flat(),
            ...backInTheList(count),
        ],
    });
}

/** A credit of several invoices, from the list up to its settlement. The test opens both. */
tours.add("credit_of_several_tour", {
    steps: () => [
        ...startAction("Credit Invoices"),
        {
            content: "Part of it",
            trigger: ".modal [name=credit_scope] label:contains(Part of it)",
            run: "click",
        },
        {
            content: "The lines of both",
            trigger: ".modal [name=credit_line_ids] .o_data_row:nth-child(2)",
        },
        {
            content: "All that is left of both",
            trigger: ".modal button[name=action_fill_all]",
            run: "click",
        },
        {
            content: "It has been filled in",
            trigger: ".modal [name=credit_part_total] strong:not(:contains(/ 0.00/))",
        },
        {
            content: "Create the credit",
            trigger: ".modal footer button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "Approve it",
            trigger:
                ".o_form_view header button:contains(/^Approve$/), .o_form_view .o_statusbar_buttons button:contains(/^Approve$/)",
            run: "click",
        },
        {
            content: "The window says what happens",
            trigger: ".modal [name=approve_documents] td:contains(used against INV/)",
        },
        {
            content: "Approve",
            trigger: ".modal footer button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is posted, and stands in the breadcrumb once",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Posted)",
        },
        {
            content: "Its settlement",
            trigger: ".nav-link[name=credit_settlements]",
            run: "click",
        },
        {
            content: "It names both invoices",
            trigger:
                "[name=shown_settlement_ids] td[name=summary]:contains(/used against INV.*used against INV/)",
        },
    ],
});

/** Approved in one click, and undone from the notice. The test opens the draft. */
tours.add("credit_undo_notice_tour", {
    steps: () => [
        {
            content: "Approve",
            trigger: "button[name=action_approve]:contains(Approve)",
            run: "click",
        },
        {
            content: "The notice stands over the posted credit, and says what Undo leaves",
            trigger:
                "body:has(.o_arrow_button_current:contains(Posted)) .o_settlement_undo_note:contains(stays posted)",
        },
        {
            content: "The credit is on the breadcrumb once",
            trigger: "body:not(:has(.o_breadcrumb a:contains(RINV))) .o_breadcrumb",
        },
        {
            content: "Undo",
            trigger: ".o_settlement_notice .o_notification_buttons button:contains(Undo)",
            run: "click",
        },
        {
            content: "What is left is said",
            trigger: ".o_notification:contains(Still posted, and open)",
        },
        {
            content: "The credit is posted, and can be settled again",
            trigger:
                "body:has(.o_arrow_button_current:contains(Posted)) button[name=action_approve_credits]:contains(Settle)",
        },
    ],
});

/**
 * A paid invoice is credited and its money paid back; the refund is found in the list, and undone.
 * The test opens the invoice.
 */
tours.add("credit_refund_tour", {
    steps: () => [
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "Create the credit",
            trigger: ".modal button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: "button[name=action_approve_credits]:contains(Approve)",
            run: "click",
        },
        {
            content: "The money would be kept",
            trigger: ".modal [name=approve_documents] td:contains(kept as customer credit)",
        },
        {
            content: "Pay it back instead",
            trigger: ".modal [name=settlement] input, .modal [name=settlement] select",
            run() {
                const field = document.querySelector(".modal [name=settlement] select");
                if (field) {
                    field.value = [...field.options].find(
                        (option) => option.text === "Refund"
                    ).value;
                    field.dispatchEvent(new Event("change", { bubbles: true }));
                } else {
                    document.querySelector(".modal [name=settlement] input").click();
                }
            },
        },
        {
            content: "Choose Refund in the menu",
            trigger: ".o_select_menu_item:contains(/^Refund$/)",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".modal [name=approve_documents] td:contains(refunded)",
        },
        {
            content: "Approve",
            trigger: ".modal footer button[name=action_approve]",
            run: "click",
        },
        {
            content: "The notice says what was done",
            trigger: ".o_notification:contains(refunded by)",
        },
        {
            content: "The settlement stands on the credit",
            trigger: ".nav-link[name=credit_settlements]",
            run: "click",
        },
        {
            content: "Undo it",
            trigger: "[name=shown_settlement_ids] button[name=action_undo]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "It is undone, and the credit can be settled again",
            trigger: "button[name=action_approve_credits]:contains(Settle)",
        },
    ],
});
