"use client";

import { Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import classes from "./organization-menu.module.css";

type Entry = { readonly publicId: string; readonly name: string };
type Props = { readonly current: string | undefined; readonly organizations: readonly Entry[] };

/** The organization whose pages are shown; a menu only for whoever belongs to several. */
export function OrganizationMenu({ current, organizations }: Props) {
  const t = useTranslations("nav");
  const name = organizations.find(({ publicId }) => publicId === current)?.name ?? "Dingkeep";
  const others = organizations.filter(({ publicId }) => publicId !== current);
  if (others.length === 0) {
    return (
      <Text className={classes.name} lineClamp={2} title={name}>
        <bdi>{name}</bdi>
      </Text>
    );
  }
  return (
    <Menu position="bottom-start" width="target">
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={`${t("switchOrganization")}: ${name}`}>
          <Text className={classes.name} lineClamp={2} component="span">
            <bdi>{name}</bdi>
          </Text>
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map((entry) => (
          <Menu.Item key={entry.publicId} component={Link} href={`/o/${entry.publicId}`}>
            <bdi>{entry.name}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
