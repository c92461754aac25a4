import { registry } from "@web/core/registry";

function assertDocuments(letters) {
    const rows = [...document.querySelectorAll(".o_list_view .o_data_row td[name=move_id]")];
    const others = rows.filter((cell) => !cell.textContent.trim().startsWith(letters));
    if (!rows.length || others.length) {
        throw new Error(`Not only ${letters}: ${rows.map((cell) => cell.textContent)}`);
    }
}

registry.category("web_tour.tours").add("credit_report_tour", {
    steps: () => [
        {
            content: "What was credited is made of credit notes",
            trigger: ".o_pivot tbody tr:first-child td.o_pivot_cell_value:eq(1)",
            run: "click",
        },
        {
            content: "No plain sales among them",
            trigger: ".o_list_view .o_data_row",
            run: () => assertDocuments("RINV"),
        },
        {
            content: "Back",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "What was invoiced is made of invoices",
            trigger: ".o_pivot tbody tr:first-child td.o_pivot_cell_value:eq(0)",
            run: "click",
        },
        {
            content: "No credit notes among them",
            trigger: ".o_list_view .o_data_row",
            run: () => assertDocuments("INV"),
        },
    ],
});
