"use client";

import { ActionIcon, Menu } from "@mantine/core";
import { IconBuildingPlus, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Link } from "../navigation/link";
import { signOut } from "../session/sign-out";
import type { ConsoleUser } from "./frame-types";
import classes from "./menus.module.css";

/**
 * Account, sign-out and, for users with at most one organization, creating another. Users with several have the
 * organization menu for that.
 */
export function AccountMenu({ user }: { readonly user: ConsoleUser }) {
  const t = useTranslations();
  const mayCreate = user.mayCreate && user.organizations.length < 2;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("nav.accountMenu")}>
          <IconUserCircle size={22} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
          {t("nav.account")}
          <span className={classes.email}>{user.email}</span>
        </Menu.Item>
        {mayCreate && (
          <Menu.Item
            component={Link}
            href="/organizations/new"
            leftSection={<IconBuildingPlus size={16} aria-hidden />}
          >
            {t("nav.newOrganization")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {t("auth.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
