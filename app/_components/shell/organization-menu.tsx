"use client";

import { Menu, Text, UnstyledButton } from "@mantine/core";
import { IconBuilding, IconBuildingPlus, IconChevronDown, IconSettings } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Link } from "../navigation/link";
import type { ConsoleOrganization, ConsoleUser } from "./frame-types";
import classes from "./menus.module.css";

type Props = { readonly organization: ConsoleOrganization | undefined; readonly user: ConsoleUser };

function Name({ name }: { readonly name: string }) {
  return (
    <Text className={classes.name} lineClamp={2} component="span">
      <bdi>{name}</bdi>
    </Text>
  );
}

/** The current organization's name; a menu for users with several organizations. */
export function OrganizationMenu({ organization, user }: Props) {
  const t = useTranslations("nav");
  const name = organization?.name ?? "Dingkeep";
  const others = user.organizations.filter(({ publicId }) => publicId !== organization?.publicId);
  if (others.length === 0) return <Name name={name} />;
  return (
    <Menu position="bottom-start" width="target">
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={t("switchTo", { name })}>
          <Name name={name} />
          <IconChevronDown size={16} aria-hidden className={classes.arrow} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map((entry) => (
          <Menu.Item
            key={entry.publicId}
            component={Link}
            href={`/o/${entry.publicId}`}
            leftSection={<IconBuilding size={16} aria-hidden />}
          >
            <bdi>{entry.name}</bdi>
          </Menu.Item>
        ))}
        <Menu.Divider />
        {user.mayCreate && (
          <Menu.Item
            component={Link}
            href="/organizations/new"
            leftSection={<IconBuildingPlus size={16} aria-hidden />}
          >
            {t("newOrganization")}
          </Menu.Item>
        )}
        {organization && (
          <Menu.Item
            component={Link}
            href={`/o/${organization.publicId}/settings`}
            leftSection={<IconSettings size={16} aria-hidden />}
          >
            {t("settings")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
