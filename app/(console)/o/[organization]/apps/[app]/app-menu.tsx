"use client";

import { ActionIcon, Menu, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { ConfirmForm } from "@/app/_components/forms/confirm-form";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Link } from "@/app/_components/navigation/link";
import { TestMenuItem } from "./connection-test";
import { disableAppAction } from "./settings/actions";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly name: string;
  readonly isDisabled: boolean;
};

type DisableProps = Omit<Props, "isDisabled"> & { readonly onClose: () => void };

/** Confirms disabling, with its consequences. */
function DisableApp({ organization, app, name, onClose }: DisableProps) {
  const t = useTranslations("app");
  const common = useTranslations("common");
  const form = useActionForm(disableAppAction.bind(null, organization), () => {
    onClose();
    announce(t("disabledNow"));
  });
  return (
    <ConfirmForm
      form={form}
      field={{ name: "app", value: app }}
      keepLabel={common("cancel")}
      onKeep={onClose}
      label={t("disable")}
      pendingLabel={t("disabling")}
    >
      <strong>{t("disableTitle", { name })}</strong>
      <br />
      {t("disableHelp")}
    </ConfirmForm>
  );
}

/** Rare actions: test, disable, settings. */
export function AppMenu({ organization, app, name, isDisabled }: Props) {
  const t = useTranslations("app");
  const [isConfirming, { open: ask, close }] = useDisclosure();
  const button = useRef<HTMLButtonElement>(null);
  const dismiss = () => {
    close();
    // The menu item that opened it no longer exists.
    button.current?.focus();
  };
  return (
    // Without roles, because the target contains the menu and isn't a button.
    <Popover
      opened={isConfirming}
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
