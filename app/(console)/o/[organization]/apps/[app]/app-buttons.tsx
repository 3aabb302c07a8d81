"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "@/app/_components/forms/action-button";
import { enableAppAction, retryNowAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Enables a disabled app. The server then runs a connection test, which sets the app's state. */
export function EnableAppButton({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = enableAppAction.bind(null, organization);
  return <ActionButton action={action} fields={{ app }} label={t("enable")} pendingLabel={t("enabling")} />;
}

/** Runs the next automatic attempt now. The button remains, with a message, when the attempt fails. */
export function RetryNowButton({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = retryNowAction.bind(null, organization);
  return (
    <ActionButton
      action={action}
      fields={{ app }}
      label={t("retryNow")}
      pendingLabel={t("retrying")}
      doneText={t("retriedInVain")}
      variant="default"
    />
  );
}
