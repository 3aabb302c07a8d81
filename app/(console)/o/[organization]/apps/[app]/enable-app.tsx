"use client";

import { useTranslations } from "next-intl";
import { AppButton } from "./app-button";
import { enableAppAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Asks for nothing: a connection test follows, and says what the app is. */
export function EnableApp({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = enableAppAction.bind(null, organization);
  return <AppButton action={action} app={app} label={t("enable")} pendingLabel={t("enabling")} />;
}
