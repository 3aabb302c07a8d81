"use client";

import { Button, Group, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { FormAlert, SubmitButton } from "../../../../../../../_components/form-parts";
import { useActionForm } from "../../../../../../../_components/use-action-form";
import classes from "../../../../../../form.module.css";
import { cancelSyncAction } from "../actions";

type Props = { readonly organization: string; readonly run: string };

/** When the button goes with the run that it could have stopped, the focus goes to the heading, and not nowhere. */
function useFocusAfterwards(): void {
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

/** Asks once, saying what it means. */
export function CancelSync({ organization, run }: Props) {
  const t = useTranslations("sync");
  const [isOpen, { toggle, close }] = useDisclosure();
  const form = useActionForm(cancelSyncAction.bind(null, organization), close);
  useFocusAfterwards();
  return (
    <Popover opened={isOpen} onDismiss={close} trapFocus returnFocus position="bottom-end" width={300}>
      <Popover.Target>
        <Button variant="default" onClick={toggle}>
          {t("cancel")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form}>
          <FormAlert sentence={form.alert} />
          <input type="hidden" name="run" value={run} />
          <p style={{ margin: 0 }}>{t("cancelHint")}</p>
          <Group gap="xs" justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t("keep")}
            </Button>
            <SubmitButton
              isPending={form.isPending}
              label={t("cancel")}
              pendingLabel={t("cancelling")}
              color="red"
            />
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
