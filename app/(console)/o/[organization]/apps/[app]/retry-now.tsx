"use client";

import { useTranslations } from "next-intl";
import { AppButton } from "./app-button";
import { retryNowAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Tries at once what would be tried by itself later. An app that works has no such button any more, and says so. */
export function RetryNow({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = retryNowAction.bind(null, organization);
  return (
    <AppButton
      action={action}
      app={app}
      label={t("retryNow")}
      pendingLabel={t("retrying")}
      doneWords={t("retriedInVain")}
      variant="default"
    />
  );
}
