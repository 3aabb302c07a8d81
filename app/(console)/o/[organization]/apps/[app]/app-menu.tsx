"use client";

import { ActionIcon, Button, Group, Menu, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { announce } from "../../../../../_components/announce";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { useActionForm } from "../../../../../_components/use-action-form";
import classes from "../../../../form.module.css";
import { TestMenuItem } from "./app-test";
import { disableAppAction } from "./settings/actions";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly name: string;
  readonly isDisabled: boolean;
};

type DisableProps = Omit<Props, "isDisabled"> & { readonly onClose: () => void };

/** Asks once, saying what it means. */
function DisableApp({ organization, app, name, onClose }: DisableProps) {
  const t = useTranslations("app");
  const common = useTranslations("common");
  const form = useActionForm(disableAppAction.bind(null, organization), () => {
    onClose();
    announce(t("disabledNow"));
  });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <p style={{ margin: 0 }}>
        <strong>{t("disableTitle", { name })}</strong>
        <br />
        {t("disableHelp")}
      </p>
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {common("cancel")}
        </Button>
        <SubmitButton
          isPending={form.isPending}
          label={t("disable")}
          pendingLabel={t("disabling")}
          color="red"
        />
      </Group>
    </form>
  );
}

/** What is seldom done with an app: test, disable, settings. */
export function AppMenu({ organization, app, name, isDisabled }: Props) {
  const t = useTranslations("app");
  const [isAsking, { open: ask, close }] = useDisclosure();
  const button = useRef<HTMLButtonElement>(null);
  const dismiss = () => {
    close();
    // The menu item that opened it is gone.
    button.current?.focus();
  };
  return (
    // Its target holds the menu and is no button, so it says nothing of what it opens.
    <Popover
      opened={isAsking}
      onDismiss={dismiss}
      trapFocus
      withRoles={false}
      position="bottom-end"
      width={300}
    >
      <Popover.Target>
        <div style={{ flex: "none" }}>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon ref={button} variant="default" size={36} aria-label={t("more")}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {!isDisabled && <TestMenuItem />}
              {!isDisabled && <Menu.Item onClick={ask}>{t("disable")}</Menu.Item>}
              <Menu.Item component={Link} href={`/o/${organization}/apps/${app}/settings`}>
                {t("settings")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t("disableTitle", { name })}>
        <DisableApp organization={organization} app={app} name={name} onClose={dismiss} />
      </Popover.Dropdown>
    </Popover>
  );
}
