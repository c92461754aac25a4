import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// Milliseconds between two questions: they grow, as nobody looks at a window for hours.
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;

/** Asks its window again and again whether what it waits for has happened, and goes on. */
export class CreditExportWait extends Component {
    static template = "credit_invoice.ExportWait";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm").silent;
        this.action = useService("action");
        this.pause = FIRST_PAUSE;
        onMounted(() => this.schedule());
        onWillUnmount(() => {
            this.isClosed = true;
            clearTimeout(this.timer);
        });
    }

    schedule() {
        if (!this.isClosed) {
            this.timer = setTimeout(() => this.ask(), this.pause);
            this.pause = Math.min(this.pause * 1.5, LONGEST_PAUSE);
        }
    }

    async ask() {
        const { resModel, resId } = this.props.record;
        try {
            const action = await this.orm.call(resModel, "check_progress", [[resId]]);
            if (this.isClosed) {
                return;
            }
            if (action) {
                return await this.action.doAction(action);
            }
            await this.props.record.load();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
        this.schedule();
    }
}

registry.category("view_widgets").add("credit_export_wait", { component: CreditExportWait });
