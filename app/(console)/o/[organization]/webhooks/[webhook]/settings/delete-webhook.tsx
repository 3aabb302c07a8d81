"use client";

import { Button, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { announce } from "@/app/_components/feedback/announce";
import { ConfirmForm } from "@/app/_components/forms/confirm-form";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { deleteWebhookAction } from "../../actions";

type Props = { readonly organization: string; readonly webhook: string };

/** Confirms the deletion. */
export function DeleteWebhook({ organization, webhook }: Props) {
  const t = useTranslations("webhooks");
  const common = useTranslations("common");
  const router = useRouter();
  const [isOpen, { toggle, close }] = useDisclosure();
  const form = useActionForm(deleteWebhookAction.bind(null, organization), () => {
    announce(t("deleted"));
    router.push(`/o/${organization}/webhooks`);
  });
  return (
    <Popover opened={isOpen} onDismiss={close} trapFocus returnFocus position="bottom-start" width={320}>
      <Popover.Target>
        <Button variant="outline" color="red" onClick={toggle} style={{ alignSelf: "flex-start" }}>
          {t("delete")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ConfirmForm
          form={form}
          field={{ name: "webhook", value: webhook }}
          keepLabel={common("cancel")}
          onKeep={close}
          label={t("delete")}
          pendingLabel={t("deleting")}
          extraField={form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
        >
          <strong>{t("deleteTitle")}</strong>
          <br />
          {t("deleteHelp")}
        </ConfirmForm>
      </Popover.Dropdown>
    </Popover>
  );
}
