"use client";

import { Button, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { ConfirmForm } from "@/app/_components/forms/confirm-form";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { cancelSyncAction } from "../actions";

type Props = { readonly organization: string; readonly run: string };

/** Focuses the heading when the button disappears with the end of the run. */
function useFocusHeadingOnUnmount(): void {
  useEffect(
    () => () => {
      if (document.activeElement && document.activeElement !== document.body) return;
      const heading = document.querySelector<HTMLElement>("main h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
    },
    [],
  );
}

/** Confirms cancelling, with its consequences. */
export function CancelSync({ organization, run }: Props) {
  const t = useTranslations("sync");
  const [isOpen, { toggle, close }] = useDisclosure();
  const form = useActionForm(cancelSyncAction.bind(null, organization), close);
  useFocusHeadingOnUnmount();
  return (
    <Popover opened={isOpen} onDismiss={close} trapFocus returnFocus position="bottom-end" width={300}>
      <Popover.Target>
        <Button variant="default" onClick={toggle}>
          {t("cancel")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ConfirmForm
          form={form}
          field={{ name: "run", value: run }}
          keepLabel={t("keep")}
          onKeep={close}
          label={t("cancel")}
          pendingLabel={t("cancelling")}
        >
          {t("cancelHint")}
        </ConfirmForm>
      </Popover.Dropdown>
    </Popover>
  );
}
