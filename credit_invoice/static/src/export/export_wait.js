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
    static props = { ...standardWidgetProps, icon: { type: String, optional: true } };
    static defaultProps = { icon: "fa-circle-o-notch fa-spin" };

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

    /** What is to be done now, or nothing as long as that has not happened. */
    getAction() {
        const { resModel, resId } = this.props.record;
        return this.orm.call(resModel, "check_progress", [[resId]]);
    }

    async ask() {
        try {
            const action = await this.getAction();
            if (this.isClosed) {
                return;
            }
            if (action) {
                return await this.action.doAction(action);
            }
            // What somebody is typing is not thrown away.
            if (!(await this.props.record.isDirty())) {
                await this.props.record.load();
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
        this.schedule();
    }
}

/** Reads its form again and again as long as something goes on in the background. */
export class CreditExportProgress extends CreditExportWait {
    getAction() {
        return false;
    }
}

const extractProps = ({ attrs }) => (attrs.icon ? { icon: attrs.icon } : {});
registry
    .category("view_widgets")
    .add("credit_export_wait", { component: CreditExportWait, extractProps })
    .add("credit_export_progress", { component: CreditExportProgress, extractProps });
