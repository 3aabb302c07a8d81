"use client";

import { Button, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { ConfirmForm } from "@/app/_components/forms/confirm-form";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { revokeKeyAction } from "./actions";

type Props = {
  readonly organization: string;
  readonly id: string;
  readonly name: string;
  /** The time of the last use, if any. */
  readonly children: ReactNode;
};

/** Confirms revoking, with the last use and the consequences. */
export function RevokeKey({ organization, id, name, children }: Props) {
  const t = useTranslations("key");
  const common = useTranslations("common");
  const [isOpen, { toggle, close }] = useDisclosure();
  // Announced with the answer, because the refreshed page no longer has this button.
  const form = useActionForm<null>(async (previous, sent) => {
    const answer = await revokeKeyAction(organization, previous, sent);
    if (answer.status === "done") announce(t("revoked", { name }));
    return answer;
  });
  return (
    <Popover opened={isOpen} onDismiss={close} trapFocus returnFocus position="bottom-end" width={320}>
      <Popover.Target>
        <Button variant="default" size="xs" onClick={toggle} aria-label={t("revokeNamed", { name })}>
          {t("revoke")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ConfirmForm
          form={form}
          field={{ name: "keyId", value: id }}
          keepLabel={common("cancel")}
          onKeep={close}
          label={t("revoke")}
          pendingLabel={t("revoking")}
        >
          <strong>{t("revokeTitle", { name })}</strong>
          <br />
          {children ? t.rich("stillUsed", { time: () => children }) : t("neverUsed")}
          <br />
          {t("revokeHelp")}
        </ConfirmForm>
      </Popover.Dropdown>
    </Popover>
  );
}
