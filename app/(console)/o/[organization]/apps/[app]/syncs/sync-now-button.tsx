"use client";

import { useTranslations } from "next-intl";
import { ActionButton } from "@/app/_components/forms/action-button";
import { startSyncAction } from "./actions";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly isPrimary?: boolean;
  readonly label?: string;
  /** Starts a preview, which changes nothing. */
  readonly isPreview?: boolean;
};

/** Starts a sync and opens its run. If one is already active, opens that one. */
export function SyncNowButton({ organization, app, isPrimary = true, label, isPreview = false }: Props) {
  const t = useTranslations("sync");
  const action = startSyncAction.bind(null, organization);
  return (
    <ActionButton
      action={action}
      fields={{ app, ...(isPreview && { mode: "preview" }) }}
      label={label ?? t("now")}
      pendingLabel={t("starting")}
      variant={isPrimary ? "filled" : "default"}
    />
  );
}
