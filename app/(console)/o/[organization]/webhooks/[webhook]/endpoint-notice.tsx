import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { ActionButton } from "@/app/_components/forms/action-button";
import { DateTime } from "@/app/_components/time/date-time";
import type { Endpoint } from "@/lib/webhooks/endpoints/queries";
import { enableWebhookAction } from "../actions";

type Props = { readonly organization: string; readonly endpoint: Endpoint; readonly mayManage: boolean };

const timeElement = (at: Date) => () => <DateTime at={at} isAbsolute />;

/** Says why a webhook gets no events, and what to do. */
export async function EndpointNotice({ organization, endpoint, mayManage }: Props) {
  const t = await getTranslations("webhooks");
  const { id, state, failingSince, disabledAt, disabledBy, disabledFor } = endpoint;
  if (state === "enabled") return null;
  if (state === "failing") {
    return (
      <Notice tone="caution" title={t("failing")}>
        {failingSince && t.rich("failingHelp", { time: timeElement(failingSince) })}
      </Notice>
    );
  }
  const enable = (
    <ActionButton
      action={enableWebhookAction.bind(null, organization)}
      fields={{ webhook: id }}
      label={t("enable")}
      pendingLabel={t("enabling")}
    />
  );
  return (
    <Notice
      tone={disabledFor === "person" ? "neutral" : "danger"}
      title={t(`disabledFor.${disabledFor ?? "person"}`, { who: disabledBy ?? "–" })}
      actions={mayManage && enable}
    >
      {disabledAt && t.rich("disabledHelp", { time: timeElement(disabledAt) })}
    </Notice>
  );
}
