"use client";

import { useTranslations } from "next-intl";
import { AppButton } from "./app-button";
import { retryNowAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Tries at once what would be tried by itself later. What came of it, the app's state says. */
export function RetryNow({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = retryNowAction.bind(null, organization);
  return (
    <AppButton
      action={action}
      app={app}
      label={t("retryNow")}
      pendingLabel={t("retrying")}
      variant="default"
    />
  );
}
