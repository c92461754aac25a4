// What the robot of robot.py finds on a page of the web client, and does there.
window.creditRobot ??= (() => {
    const modules = odoo.loader.modules;
    const { rpcBus } = modules.get("@web/core/network/rpc");
    const { App } = modules.get("@odoo/owl");
    const requests = new Set();
    rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => requests.add(detail.data.id));
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => requests.delete(detail.data.id));

    // Kinds of things that a person can click, most special first.
    const KINDS = {
        "row selector": ".o_list_record_selector input, th .o_list_controller input",
        "row": ".o_data_row td.o_data_cell, .o_kanban_record",
        "status button": ".o_form_statusbar .o_statusbar_buttons button",
        "stat button": ".oe_stat_button",
        "tab": ".o_notebook .nav-link",
        "sort": "th.o_column_sortable",
        "breadcrumb": ".o_breadcrumb a",
        "search": ".o_searchview_dropdown_toggler, .o_facet_remove, .o_switch_view",
        "menu item": ".dropdown-item, .o_menu_item",
        "choice": "input[type=checkbox], input[type=radio]",
        "link": ".o_form_view .o_content a, .modal a, .o_list_view a",
        "button": "button",
    };
    // Leads out of the application, to a file, or starts what another test looks at.
    const LEFT_OUT = [
        ".o_user_menu *",
        ".o_navbar_apps_menu *",
        ".o_menu_systray *",
        ".o-mail-Chatter *",
        ".o_kanban_ghost",
        "[target=_blank]",
        "[download]",
        "[disabled]",
        ".disabled",
        "input[type=file]",
        ".o_select_file_button",
        ".o_file_input *",
        ".o_attachments *",
        "[aria-label=Attachments] *",
    ].join(", ");
    const LEFT_OUT_WORDS =
        /log ?out|preview|print|download|^export$|import records|attach|upload|learn more|install|odoo\.com|@/i;

    const SEARCH_MENU = ".o_search_bar_menu";
    const SEARCH_ITEMS = `${SEARCH_MENU} .dropdown-item, ${SEARCH_MENU} .o_accordion_toggle`;

    const isVisible = (el) => el.checkVisibility({ checkVisibilityCSS: true, opacityProperty: true });
    const getWords = (el) =>
        (el.innerText || el.getAttribute("title") || el.getAttribute("name") || el.className || "")
            .trim()
            .replace(/\s+/g, " ")
            .slice(0, 60);

    /** Where a person can click now: what lies on top. */
    function getScopes() {
        const popovers = [...document.querySelectorAll(".o-dropdown--menu, .o_popover")];
        if (popovers.some(isVisible)) {
            return popovers.filter(isVisible);
        }
        const dialogs = [...document.querySelectorAll(".o_dialog .modal-content")];
        if (dialogs.some(isVisible)) {
            return dialogs.filter(isVisible).slice(-1);
        }
        return [...document.querySelectorAll(".o_action_manager, .o_notification")];
    }

    let found = [];
    return {
        isIdle: () =>
            !requests.size &&
            [...App.apps].every((app) => !app.scheduler.tasks.size) &&
            !document.querySelector(".o_blockUI"),
        /** What can be clicked: lists of texts by kind; their elements are kept. */
        look() {
            const taken = new Set();
            const choices = {};
            found = [];
            for (const [kind, selector] of Object.entries(KINDS)) {
                for (const scope of getScopes()) {
                    for (const el of scope.querySelectorAll(selector)) {
                        const words = getWords(el);
                        if (
                            taken.has(el) ||
                            !isVisible(el) ||
                            el.matches(LEFT_OUT) ||
                            LEFT_OUT_WORDS.test(words)
                        ) {
                            continue;
                        }
                        taken.add(el);
                        (choices[kind] ??= []).push([found.length, words]);
                        found.push(el);
                    }
                }
            }
            return choices;
        },
        click(index) {
            const el = found[index];
            el.scrollIntoView({ block: "center" });
            for (const type of ["pointerdown", "mousedown"]) {
                el.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
            }
            el.focus?.();
            for (const type of ["pointerup", "mouseup"]) {
                el.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
            }
            el.click();
        },
        /** Type a number into a field, as many as are on top. */
        type(choice, text) {
            const inputs = getScopes()
                .flatMap((scope) => [...scope.querySelectorAll("input.o_input:not([type=date])")])
                .filter((el) => isVisible(el) && !el.readOnly && !el.disabled);
            const el = inputs[Math.floor(choice * inputs.length)];
            if (!el) {
                return false;
            }
            el.focus();
            el.value = text;
            el.dispatchEvent(new Event("input", { bubbles: true }));
            el.dispatchEvent(new Event("change", { bubbles: true }));
            return el.closest("[name]")?.getAttribute("name") || "a field";
        },
        /** The title of what went wrong for everybody to see, if anything did. */
        getCrash: () =>
            [...document.querySelectorAll(".o_error_dialog .modal-title")]
                .map((el) => el.innerText)
                .find((title) => title === "Oops!"),
        getTitle: () =>
            [...document.querySelectorAll(".modal-title, .o_breadcrumb .active, .o_control_panel .active")]
                .map((el) => el.innerText.trim())
                .filter(Boolean)
                .pop() || document.title,
        getMenus: () =>
            odoo.__WOWL_DEBUG__.root.env.services.menu
                .getAll()
                .filter((menu) => menu.actionID)
                .map((menu) => [menu.xmlid, menu.actionID, menu.name]),
        open: (action) =>
            odoo.__WOWL_DEBUG__.root.env.services.action
                .doAction(action, { clearBreadcrumbs: true })
                .catch((error) => Promise.reject(error)),
        /** Unfold the filters and groups, and tell how many there are. */
        async openSearch() {
            if (!document.querySelector(SEARCH_MENU)) {
                document.querySelector(".o_searchview_dropdown_toggler")?.click();
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            return document.querySelectorAll(SEARCH_ITEMS).length;
        },
        /** Click one of them, unless it opens a window of the host's; tell which. */
        async pressSearch(index) {
            await this.openSearch();
            const item = document.querySelectorAll(SEARCH_ITEMS)[index];
            const text = item?.innerText.trim();
            if (!item || /custom|save|delete/i.test(text + item.className)) {
                return false;
            }
            item.click();
            return text;
        },
        startClickbot: (menu) =>
            modules
                .get("@web/webclient/clickbot/clickbot_loader")
                .startClickEverywhere(menu),
    };
})();
true;
