import { getTranslations } from "next-intl/server";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import type { Subscription } from "@/lib/events/subscription/queries";
import appClasses from "../app.module.css";
import { MissedFact } from "./missed-fact";
import { subscriptionState } from "./subscription-state";

type FactsProps = {
  readonly subscription: Subscription;
  /** Address of the list of syncs. */
  readonly syncs: string;
};

/** The state of an app's Stream connection. */
export async function StreamFacts({ subscription, syncs }: FactsProps) {
  const t = await getTranslations("events");
  const { stream, lastEventAt, missed } = subscription;
  const { connectedAt, failedAt } = stream;
  const state = subscriptionState(subscription);
  return (
    <dl className={appClasses.facts}>
      <div>
        <dt>{t("column.state")}</dt>
        <dd>{state && <StateBadge kind="subscription" state={state} />}</dd>
      </div>
      <div>
        <dt>{t("way")}</dt>
        <dd>{t("wayOf.stream")}</dd>
      </div>
      {connectedAt && (
        <div>
          <dt>{t("connectedSince")}</dt>
          <dd>
            <DateTime at={connectedAt} isAbsolute />
          </dd>
        </div>
      )}
      <div>
        <dt>{t("lastEvent")}</dt>
        <dd>{lastEventAt ? <DateTime at={lastEventAt} isAbsolute /> : t("never")}</dd>
      </div>
      <MissedFact missed={missed} syncs={syncs} />
      {failedAt && (
        <div>
          <dt>{t("lastFailure")}</dt>
          <dd>
            <DateTime at={failedAt} isAbsolute />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Explains Stream mode, and shows the error of the last attempt while there is no connection. */
export async function StreamNotes({ stream }: Pick<Subscription, "stream">) {
  const t = await getTranslations("events");
  const { connectedAt, fault } = stream;
  return (
    <>
      {connectedAt === null && fault && (
        <>
          <p style={{ margin: 0 }}>{t("notConnected")}</p>
          <FaultPanel fault={fault} heading="h3" {...(fault.retry !== "no" && { retry: "auto" })} />
        </>
      )}
      <p style={{ margin: 0 }}>{t("streamConsole")}</p>
      <p style={{ margin: 0 }}>{t("streamShared")}</p>
      <p style={{ margin: 0 }}>{t("streamGap")}</p>
    </>
  );
}
