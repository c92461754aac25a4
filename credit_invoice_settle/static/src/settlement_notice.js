import { markup } from "@odoo/owl";
import { registry } from "@web/core/registry";

// Milliseconds for which the notice stands: long enough to read what Undo takes back.
const UNDO_DELAY = 15000;

/**
 * Says what was settled, and offers to undo it. The page is shown first: no notice stands over a
 * page that is older than itself.
 */
export async function showSettlementNotice(env, action, options) {
    const { message, type, sticky, next, settlement_ids: ids } = action.params;
    const { undo_label, undo_note } = action.params;
    await env.services.action.doAction(next, options);
    if (!ids) {
        env.services.notification.add(message, { type, sticky });
        return;
    }
    let isClicked = false;
    const close = env.services.notification.add(
        markup`${message}<div class="o_settlement_undo_note small text-muted mt-1">${undo_note}</div>`,
        {
            type,
            sticky,
            className: "o_settlement_notice",
            autocloseDelay: UNDO_DELAY,
            buttons: [
                {
                    name: undo_label,
                    icon: "fa-undo",
                    primary: true,
                    async onClick() {
                        if (isClicked) {
                            return;
                        }
                        isClicked = true;
                        close();
                        const undone = await env.services.orm.call(
                            "credit.settlement",
                            "action_undo_from_notice",
                            [ids]
                        );
                        await env.services.action.doAction(undone);
                    },
                },
            ],
        }
    );
}

registry.category("actions").add("credit_settlement_notice", showSettlementNotice);
