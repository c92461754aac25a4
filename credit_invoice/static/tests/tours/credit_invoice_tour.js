import { registry } from "@web/core/registry";

/** The draft on the screen is posted, by whichever button stands first. */
const postSteps = () => [
    {
        content: "Post the credit",
        trigger:
            ".o_statusbar_buttons button:is([name=action_approve], [name=action_post]).btn-primary, .o_statusbar_buttons button:is([name=action_approve], [name=action_post]).oe_highlight",
        run: "click",
    },
    {
        content: "It is posted",
        trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Posted)",
    },
];

/**
 * A clerk credits an invoice, follows both links, and sees the blue row. The test opens the list
 * of invoices.
 */
registry.category("web_tour.tours").add("credit_invoice_tour", {
    steps: () => [
        {
            content: "Open the invoice",
            trigger: ".o_data_row td[name=invoice_partner_display_name]:contains(Tour Customer)",
            run: "click",
        },
        {
            content: "The host's own button is not offered on a customer's invoice",
            trigger: "body:not(:has(button[name=action_reverse]))",
        },
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]:contains(Credit this Invoice)",
            run: "click",
        },
        {
            content: "The dialog asks",
            trigger:
                ".modal p:contains(Create a Credit for this Invoice? This will create a new invoice that includes all details from this invoice reversing each transaction.)",
        },
        {
            content: "Go to Cancel by the keyboard",
            trigger: ".modal footer button:contains(Cancel)",
            run: ({ anchor }) => anchor.focus(),
        },
        {
            content: "There, Enter cancels, and leaves nothing",
            trigger: ".modal footer button:contains(Cancel):focus",
            run: "press Enter",
        },
        {
            content: "No credit was made",
            trigger: "body:not(:has(.modal)):not(:has(button[name=action_view_related_credits]))",
        },
        {
            content: "Credit it after all",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "Give the reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Wrong price",
        },
        {
            content: "Enter creates the credit",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "press Enter",
        },
        {
            content: "The notice",
            trigger: ".o_notification:contains(Credit Created, opening credit invoice...)",
        },
        {
            content: "The credit has opened: a draft that names its invoice",
            trigger: ".o_form_view [name=credit_origin] [name=reversed_entry_id]",
        },
        {
            content: "A credit cannot be credited",
            trigger: "body:not(:has(button[name=action_credit_invoice]))",
        },
        {
            content: "View Related Invoice",
            trigger: "button[name=action_view_related_invoice]",
            run: "click",
        },
        {
            content: "The draft announces itself on the invoice",
            trigger: "[name=draft_credit]:contains(Draft credit note of) button:contains(Discard)",
        },
        {
            content: "View Related Credit",
            trigger: "button[name=action_view_related_credits]",
            run: "click",
        },
        ...postSteps(),
        {
            content: "It is posted",
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
    ],
});

registry.category("web_tour.tours").add("credit_list_tour", {
    steps: () => [
        {
            content: "The credit is blue and says what it is; the invoice is neither",
            trigger: ".o_data_row:has(td[name=credit_badge] .badge:contains(Credit Note))",
            run({ anchor }) {
                const colors = (row) =>
                    getComputedStyle(row.querySelector("td[name=invoice_partner_display_name]"))
                        .color;
                const invoice = document.querySelector(
                    ".o_data_row:not(:has(td[name=credit_badge] .badge))"
                );
                const [red, green, blue] = colors(anchor).match(/\d+/g).map(Number);
                if (blue < 150 || blue < red + 100 || blue < green + 50) {
                    throw new Error(`The credit is not blue, but ${colors(anchor)}`);
                }
                if (colors(invoice) === colors(anchor)) {
                    throw new Error("The invoice is as blue as the credit");
                }
            },
        },
        {
            content: "Choose both rows",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
            run: "click",
        },
        {
            content: "Credit Invoices",
            trigger: ".o-dropdown-item:contains(Credit Invoices)",
            run: "click",
        },
        {
            content: "What cannot be credited is named",
            trigger: ".modal [name=credit_refused]:contains(a credit note is never credited)",
        },
        {
            content: "Create the others",
            trigger: ".modal footer button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "The new credit opens",
            trigger: ".o_form_view [name=credit_origin] [name=reversed_entry_id]",
        },
    ],
});

/** All rows of the list are credited with one button of the dialog; what was made opens. */
const creditSeveralSteps = (button, opened) => [
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
        content: "Credit Invoices",
        trigger: ".o-dropdown-item:contains(Credit Invoices)",
        run: "click",
    },
    {
        content: "The dialog asks for all of them",
        trigger: ".modal footer button[name=action_create_credit]",
    },
    {
        content: "Press the button",
        trigger: `.modal footer button[name=${button}]`,
        run: "click",
    },
    {
        content: "What was made has opened, and nothing went wrong",
        trigger: `body:not(:has(.modal)) ${opened}`,
    },
];

/**
 * Tours of a button of the dialog, for several rows of the list and for one that is left.
 *
 * @param {string} button
 * @param {string} title of the list that opens
 */
export function addListTours(button, title) {
    registry.category("web_tour.tours").add(`${button}_several_tour`, {
        steps: () =>
            creditSeveralSteps(
                button,
                `.o_action_manager:has(.o_last_breadcrumb_item:contains(/^${title}/)) .o_list_view .o_data_row:nth-child(2)`
            ),
    });
    registry.category("web_tour.tours").add(`${button}_one_left_tour`, {
        steps: () => creditSeveralSteps(button, ".o_form_view .o_field_widget[name=partner_id]"),
    });
}

addListTours("action_create_credit", "Credit Notes");
addListTours("action_credit_and_reinvoice", "New Invoices");

registry.category("web_tour.tours").add("credit_waiting_tour", {
    steps: () => [
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "A draft is waiting: it is opened rather than doubled",
            trigger:
                ".modal:has([name=draft_credits] a) footer button.btn-primary:contains(Open Draft)",
        },
        {
            content: "Enter in the empty reason makes nothing: it goes to the button",
            trigger: ".modal [name=credit_reason_id] input",
            run: "press Enter",
        },
        {
            content: "The next Enter presses it",
            trigger: ".modal footer button[name=action_open_drafts]:focus",
            run: "click",
        },
        {
            content: "The draft has opened",
            trigger: ".o_form_view [name=credit_origin] [name=reversed_entry_id]",
        },
    ],
});

registry.category("web_tour.tours").add("credit_reinvoice_tour", {
    steps: () => [
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "Choose the reason",
            trigger: ".modal [name=credit_reason_id] input",
            run: "edit Wrong customer",
        },
        {
            content: "It is the customer who was wrong",
            trigger: ".o-autocomplete--dropdown-item:contains(Wrong customer)",
            run: "click",
        },
        {
            content: "Re-invoicing is proposed",
            trigger: ".modal footer button.btn-primary[name=action_credit_and_reinvoice]",
        },
        {
            content: "The other customer is asked for",
            trigger: ".modal [name=replacement_partner_id] input:focus",
            run: "press Enter",
        },
        {
            content: "Nothing was made yet: Enter goes to the button",
            trigger: ".modal footer button[name=action_credit_and_reinvoice]:focus",
            run: "click",
        },
        {
            content: "The new invoice has opened",
            trigger: ".o_form_view button[name=action_view_replaced_invoice]",
        },
    ],
});

registry.category("web_tour.tours").add("credit_palette_tour", {
    steps: () => [
        {
            content: "Open the command palette",
            trigger: "button[name=action_credit_invoice]",
            run: () =>
                document.body.dispatchEvent(
                    new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true })
                ),
        },
        {
            content: "Look for a credit note",
            trigger: ".o_command_palette_search input",
            run: "edit Credit Note",
        },
        {
            content: "The button is found under the host's word, too",
            trigger: ".o_command_palette_listbox:not(:has(.o_command:nth-child(2))) .o_command a",
            run: "click",
        },
        {
            content: "The dialog has opened",
            trigger: ".modal footer button[name=action_create_credit]",
        },
    ],
});

registry.category("web_tour.tours").add("credit_part_tour", {
    steps: () => [
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "Part of it",
            trigger: ".modal [name=credit_scope] label:contains(Part of it)",
            run: "click",
        },
        {
            content: "The table opens empty",
            trigger:
                ".modal [name=credit_line_ids] .o_data_row:first td[name=quantity]:contains(/^0.00$/)",
        },
        {
            content: "What is left stands beside",
            trigger:
                ".modal [name=credit_line_ids] .o_data_row:first td[name=remaining_quantity]:contains(3.00)",
        },
        {
            content: "Everything Left",
            trigger: ".modal button[name=action_fill_all]",
            run: "click",
        },
        {
            content: "All is credited",
            trigger: ".modal footer [name=credit_total]:contains(420.00)",
        },
        {
            content: "Clear All",
            trigger: ".modal button[name=action_clear_all]",
            run: "click",
        },
        {
            content: "Nothing is credited any more",
            trigger: ".modal footer [name=credit_total]:contains(/ 0.00/)",
        },
        {
            content: "Type a quantity",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first td[name=quantity]",
            run: "click",
        },
        {
            content: "Too many",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run: "edit 5",
        },
        {
            content: "Go on",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run: "press Tab",
        },
        {
            content: "The row is red and says why",
            trigger:
                ".modal [name=credit_line_ids] .o_data_row.text-danger td[name=name]:contains(3.00 can still be credited, not 5.00)",
        },
        {
            content: "Type a quantity",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first td[name=quantity]",
            run: "click",
        },
        {
            content: "One",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run: "edit 1",
        },
        {
            content: "Enter goes on in the table and does not leave the dialog",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run: "press Enter",
        },
        {
            content: "Tax and total are shown before anything is made",
            trigger: ".modal footer [name=credit_total]:contains(120.00)",
        },
        {
            content: "Create the credit",
            trigger: ".modal footer button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "It has the one line",
            trigger: ".o_form_view [name=invoice_line_ids] td[name=quantity]:contains(1.00)",
        },
        ...postSteps(),
        {
            content: "Back to the invoice",
            trigger: "button[name=action_view_related_invoice]",
            run: "click",
        },
        {
            content: "The invoice says what became of it",
            trigger: "[name=credit_figures]:contains(Can still be credited)",
        },
    ],
});

/**
 * Part of one invoice on a phone. The test opens the invoice on a screen of 390 pixels.
 */
registry.category("web_tour.tours").add("credit_part_phone_tour", {
    steps: () => [
        {
            content: "Buttons after the first one are folded",
            trigger: ".o_statusbar_buttons button[title=More]",
            run: "click",
        },
        {
            content: "Credit this Invoice",
            trigger: "button[name=action_credit_invoice]",
            run: "click",
        },
        {
            content: "Part of it",
            trigger: ".modal [name=credit_scope] label:contains(Part of it)",
            run: "click",
        },
        {
            content: "Nothing is wider than the screen",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first td[name=quantity]",
            run() {
                const width = document.documentElement.clientWidth;
                for (const each of document.querySelectorAll(
                    ".modal-body, .modal [name=credit_line_ids] .o_list_renderer, .modal td"
                )) {
                    if (each.scrollWidth > each.clientWidth + 1 && each.tagName !== "TD") {
                        throw new Error(`${each.className} scrolls: ${each.scrollWidth}`);
                    }
                    if (each.getBoundingClientRect().right > width + 1) {
                        throw new Error(`${each.getAttribute("name")} is out of sight`);
                    }
                }
            },
        },
        {
            content: "Type a quantity",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first td[name=quantity]",
            run: "click",
        },
        {
            content: "One, with the product in sight above it",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run({ anchor }) {
                const name = anchor.closest("tr").querySelector("td[name=name]");
                const gap =
                    anchor.getBoundingClientRect().top - name.getBoundingClientRect().bottom;
                if (gap < -1 || gap > 100 || name.getBoundingClientRect().top < 0) {
                    throw new Error(`The product is ${gap} pixels away`);
                }
            },
        },
        {
            content: "Type it",
            trigger: ".modal [name=credit_line_ids] .o_data_row:first [name=quantity] input",
            run: "edit 1 && press Enter",
        },
        {
            content: "The total is in sight",
            trigger: ".modal footer [name=credit_total]:contains(120.00)",
            run({ anchor }) {
                if (anchor.getBoundingClientRect().bottom > window.innerHeight) {
                    throw new Error("The total is out of sight");
                }
            },
        },
        {
            content: "Create the credit",
            trigger: ".modal footer button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "It has opened",
            trigger: ".o_form_view [name=credit_origin] [name=reversed_entry_id]",
        },
    ],
});

/**
 * A percentage of all lines of several invoices. The test opens the list of a customer's invoices.
 */
registry.category("web_tour.tours").add("credit_part_list_tour", {
    steps: () => [
        {
            content: "Choose all",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
            run: "click",
        },
        {
            content: "Credit Invoices",
            trigger: ".o-dropdown-item:contains(Credit Invoices)",
            run: "click",
        },
        {
            content: "Part of it",
            trigger: ".modal [name=credit_scope] label:contains(Part of it)",
            run: "click",
        },
        {
            content: "Each line says of which invoice it is",
            trigger: ".modal [name=credit_line_ids] .o_data_row:last td[name=name]:contains(INV/)",
        },
        {
            content: "An amount of all lines",
            trigger: ".modal [name=credit_amount] input",
            run: "edit 23 && press Tab",
        },
        {
            content: "is the total, in the currency of the invoices",
            trigger: ".modal footer [name=credit_total]:contains($ 23.00)",
        },
        {
            content: "Ten percent of all lines",
            trigger: ".modal [name=credit_percentage] input",
            run: "edit 10 && press Tab",
        },
        {
            content: "of each line",
            trigger:
                ".modal [name=credit_line_ids] .o_data_row:last td[name=percentage]:contains(10.00)",
        },
        {
            content: "Create the credit",
            trigger: ".modal footer button[name=action_create_credit]",
            run: "click",
        },
        {
            content: "It has opened, and names all its invoices",
            trigger: ".o_form_view [name=credit_origin_ids] button:nth-of-type(2)",
        },
    ],
});
