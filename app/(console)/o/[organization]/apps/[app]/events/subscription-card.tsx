import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { ActionButton } from "@/app/_components/forms/action-button";
import { Card } from "@/app/_components/page/card";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import type { Subscription } from "@/lib/events/subscription/queries";
import appClasses from "../app.module.css";
import { registerAction } from "./actions";
import { ChooseWay, Way } from "./choose-way";
import classes from "./events.module.css";
import { MissedFact } from "./missed-fact";
import { ReplaceSecret } from "./replace-secret";
import { SetUp } from "./set-up";
import { StreamFacts, StreamNotes } from "./stream-state";
import { subscriptionState } from "./subscription-state";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly isThirdParty: boolean;
  readonly mayChange: boolean;
  readonly subscription: Subscription | null;
};

/** The state of the app's subscription, and its set-up. */
export async function SubscriptionCard({ subscription, ...at }: Props) {
  const t = await getTranslations("events");
  const { organization, app, mayChange, isThirdParty } = at;
  const isStream = subscription?.way === "stream";
  const needsSetUp = subscription === null || subscriptionState(subscription) === null;
  const isHttp = !needsSetUp && !isStream;
  const syncs = `/o/${organization}/apps/${app}/syncs`;
  return (
    <Card title={needsSetUp ? t("notSetUp") : t("subscription")}>
      {needsSetUp && <p style={{ margin: 0 }}>{t(isThirdParty ? "httpSetUpHelp" : "notSetUpHelp")}</p>}
      {isHttp && <Facts subscription={subscription} syncs={syncs} />}
      {isStream && <StreamFacts subscription={subscription} syncs={syncs} />}
      {!mayChange && needsSetUp && <p>{t("needsAdmin")}</p>}
      {isStream && <StreamNotes stream={subscription.stream} />}
      {mayChange && needsSetUp && !isThirdParty && (
        <>
          <ChooseWay way="stream" {...at} />
          <Way way="http" />
          <p style={{ margin: 0 }}>{t("httpSetUpHelp")}</p>
        </>
      )}
      {/* Always at this place, so that the values stay visible when the page refreshes. */}
      {mayChange && !isStream && <SetUp organization={organization} app={app} isSetUp={!needsSetUp} />}
      {isHttp && <Problems subscription={subscription} isThirdParty={isThirdParty} />}
      {isHttp && mayChange && <Secrets subscription={subscription} {...at} />}
      {isHttp && mayChange && !isThirdParty && <ChooseWay way="stream" {...at} />}
      {isStream && mayChange && <ChooseWay way="http" {...at} />}
    </Card>
  );
}

type ProblemProps = { readonly subscription: Subscription; readonly isThirdParty: boolean };

async function Problems({ subscription: { verifiedAt, failedFault }, isThirdParty }: ProblemProps) {
  const t = await getTranslations("events");
  return (
    <>
      {verifiedAt === null && (
        <Notice tone="neutral" title={t("waiting")} role="status">
          {isThirdParty ? t("waitingHelpSuite") : t("waitingHelp")}
        </Notice>
      )}
      {failedFault && (
        <>
          <p style={{ margin: 0 }}>{t("failedListError")}</p>
          <FaultPanel fault={failedFault} tone="caution" heading="h3" retry="auto" />
        </>
      )}
    </>
  );
}

type FactsProps = {
  readonly subscription: Subscription;
  /** Address of the list of syncs. */
  readonly syncs: string;
};

async function Facts({ subscription, syncs }: FactsProps) {
  const t = await getTranslations("events");
  const { ownerKind, verifiedAt, lastEventAt, failedReadAt, isShared, missed } = subscription;
  const time = (at: Date | null) => (at ? <DateTime at={at} isAbsolute /> : t("never"));
  const state = subscriptionState(subscription);
  return (
    <dl className={appClasses.facts}>
      <div>
        <dt>{t("column.state")}</dt>
        <dd>{state && <StateBadge kind="subscription" state={state} />}</dd>
      </div>
      <div>
        <dt>{t("verified")}</dt>
        <dd>{time(verifiedAt)}</dd>
      </div>
      <div>
        <dt>{t("lastEvent")}</dt>
        <dd>{time(lastEventAt)}</dd>
      </div>
      <MissedFact missed={missed} syncs={syncs} />
      {ownerKind && (
        <div>
          <dt>{t("ownerKind")}</dt>
          <dd>{t(`owner.${ownerKind}`)}</dd>
        </div>
      )}
      {!isShared && (
        <div>
          <dt>{t("failedRead")}</dt>
          <dd>{time(failedReadAt)}</dd>
        </div>
      )}
    </dl>
  );
}

async function Secrets({
  subscription,
  organization,
  app,
  isThirdParty,
}: Omit<Props, "subscription" | "mayChange"> & { readonly subscription: Subscription }) {
  const t = await getTranslations("events");
  return (
    <>
      <h3 style={{ fontSize: 14, margin: 0 }}>{t("secrets")}</h3>
      <p style={{ margin: 0 }}>{t("secretsHelp")}</p>
      {subscription.secrets.map(({ kind, createdAt, previousUntil }) => (
        <div key={kind}>
          <div className={classes.row}>
            <span>{t(`secret.${kind}`)}</span>
            <span className={classes.dimmed}>
              {t("createdAt")} <DateTime at={createdAt} />
            </span>
            {previousUntil && (
              <span className={classes.dimmed}>
                {t("previousUntil")} <DateTime at={previousUntil} isAbsolute />
              </span>
            )}
            <ReplaceSecret organization={organization} app={app} kind={kind} />
          </div>
        </div>
      ))}
      {!isThirdParty && (
        <div>
          <p style={{ margin: "0 0 8px" }}>{t("registerHelp")}</p>
          <div className={classes.fitting}>
            <ActionButton
              action={registerAction.bind(null, organization)}
              fields={{ app }}
              label={t("register")}
              pendingLabel={t("registering")}
              doneText={t("registered")}
              variant="default"
            />
          </div>
        </div>
      )}
    </>
  );
}
