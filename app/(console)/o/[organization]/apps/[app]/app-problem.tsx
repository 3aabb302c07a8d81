import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { DateTime } from "@/app/_components/time/date-time";
import { isCredentialFault } from "@/lib/app-health/failure-class";
import type { App } from "@/lib/dingtalk-apps/queries";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { isTicketLate } from "@/lib/dingtalk-apps/suite-ticket-age";
import type { TokenFacts } from "@/lib/tokens/queries";
import { EnableAppButton, RetryNowButton } from "./app-buttons";
import { TestButton } from "./connection-test";

/** DingTalk returns the same token until it expires, so a retry makes no sense. */
const SAME_TOKEN = "same_token_insisted";

type Props = {
  readonly organization: string;
  readonly app: App;
  readonly token: TokenFacts;
  readonly mayChange: boolean;
};

async function Disabled({ organization, app, mayChange }: Props) {
  const t = await getTranslations("app");
  const time = () => <DateTime at={app.disabledAt ?? app.stateSince} />;
  return (
    <Notice
      tone="neutral"
      actions={mayChange && <EnableAppButton organization={organization} app={app.id} />}
    >
      <strong>
        {app.disabledBy
          ? t.rich("disabledBy", { who: app.disabledBy, time })
          : t.rich("disabledSince", { time })}
      </strong>
      <br />
      {t("disabledHelp")}
    </Notice>
  );
}

/** Warns that the next suite ticket is overdue. The app still works, but may stop soon. */
async function LateTicket({ receivedAt, action }: { readonly receivedAt: Date; readonly action: ReactNode }) {
  const t = await getTranslations("connect");
  const at = await getTranslations("fault.place");
  const time = <DateTime at={receivedAt} isAbsolute />;
  return (
    <Notice tone="caution" title={t("ticketLate")} actions={action}>
      {t.rich("ticketLateHelp", { place: at("P6"), time: () => time })}
    </Notice>
  );
}

/** Says until when the token works, and when the next attempt is. */
async function RetryOutlook({ app, token }: Pick<Props, "app" | "token">) {
  const t = await getTranslations("app");
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const isFuture = (at: Date | null): at is Date => at !== null && at.getTime() > Date.now();
  const { expiresAt } = token;
  const nextAt = app.probeAt ?? token.renewAt;
  const time = (at: Date) => () => <DateTime at={at} isAbsolute />;
  return (
    <>
      {isFuture(expiresAt) ? t.rich("tokenUntil", { time: time(expiresAt) }) : t("tokenGone")}{" "}
      {isFuture(nextAt) && t.rich("nextTry", { time: time(nextAt) })}
    </>
  );
}

/** Explains why an app doesn't work, with the remedy and the suitable buttons; nothing for an app that works. */
export async function AppProblem(props: Props) {
  const { organization, app, token, mayChange } = props;
  const t = await getTranslations("app");
  const connect = await getTranslations("connect");
  const fault = toFault(app.stateReason);
  const replace = (isPrimary: boolean) => (
    <LinkButton
      href={`/o/${organization}/apps/${app.id}/settings#replace-secret`}
      variant={isPrimary ? "filled" : "default"}
    >
      {app.kind === "isv" ? connect("replaceSuiteSecret") : t("replaceSecret")}
    </LinkButton>
  );
  const paste = mayChange && (
    <LinkButton href={`/o/${organization}/apps/${app.id}/settings#suite-ticket`}>
      {connect("pasteTicket")}
    </LinkButton>
  );
  const isTicketStale = fault?.kind === "suite_ticket_stale";
  const buttons = (hasWrongCredentials: boolean, isPrimary: boolean): ReactNode =>
    // A new secret only helps against wrong credentials. Other problems are fixed in DingTalk's console and
    // then tested.
    mayChange && (
      <>
        {hasWrongCredentials && replace(true)}
        {isTicketStale && paste}
        <TestButton isPrimary={isPrimary && !hasWrongCredentials && !isTicketStale} />
        {!hasWrongCredentials && app.state === "broken" && replace(false)}
      </>
    );
  switch (app.state) {
    case "verified":
      return app.suiteTicketAt && isTicketLate(app) ? (
        <LateTicket receivedAt={app.suiteTicketAt} action={paste} />
      ) : null;
    case "disabled":
      return <Disabled {...props} />;
    case "degraded": {
      const until = <RetryOutlook app={app} token={token} />;
      const actions = (
        <>
          {mayChange && fault?.kind !== SAME_TOKEN && (
            <RetryNowButton organization={organization} app={app.id} />
          )}
          {buttons(false, false)}
        </>
      );
      return fault ? (
        <FaultPanel fault={fault} tone="caution" actions={actions}>
          {until}
        </FaultPanel>
      ) : (
        <Notice tone="caution" title={t("unstable")} actions={actions}>
          {until}
        </Notice>
      );
    }
    case "draft":
      return fault ? (
        <FaultPanel fault={fault} tone="neutral" actions={buttons(isCredentialFault(fault), true)}>
          {t("draftHelp")}
        </FaultPanel>
      ) : (
        <Notice tone="neutral" title={t("draftTitle")} actions={buttons(false, true)}>
          {t("draftHelp")}
        </Notice>
      );
    case "broken": {
      // Without a scheduled attempt, the app needs a person.
      const isRetried = app.probeAt !== null || token.renewAt !== null;
      const help = isRetried ? <RetryOutlook app={app} token={token} /> : t("brokenHelp");
      const retry = mayChange && isRetried && <RetryNowButton organization={organization} app={app.id} />;
      const actions = (hasWrongCredentials: boolean) => (
        <>
          {buttons(hasWrongCredentials, true)}
          {retry}
        </>
      );
      return fault ? (
        <FaultPanel fault={fault} actions={actions(isCredentialFault(fault))}>
          {help}
        </FaultPanel>
      ) : (
        <Notice tone="danger" actions={actions(false)}>
          {help}
        </Notice>
      );
    }
  }
}
