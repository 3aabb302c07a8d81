"use client";

import { ActionIcon, Group, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconLanguage, IconMoon } from "@tabler/icons-react";
import { useLocale, useTranslations } from "next-intl";
import { LOCALES } from "@/lib/i18n/locales";
import { LANGUAGE_NAMES, SCHEME_LABELS, useSetLanguage } from "./preferences";

const check = (isChosen: boolean) =>
  isChosen ? <IconCheck size={16} aria-hidden /> : <span style={{ width: 16 }} />;

function LanguageMenu() {
  const t = useTranslations("common");
  const locale = useLocale();
  const choose = useSetLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("language")}>
          <IconLanguage size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {[...LOCALES].reverse().map((one) => (
          <Menu.Item key={one} lang={one} leftSection={check(one === locale)} onClick={() => choose(one)}>
            {LANGUAGE_NAMES[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeMenu() {
  const t = useTranslations("common");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("appearance")}>
          <IconMoon size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(SCHEME_LABELS) as (keyof typeof SCHEME_LABELS)[]).map((one) => (
          <Menu.Item key={one} leftSection={check(one === colorScheme)} onClick={() => setColorScheme(one)}>
            {t(SCHEME_LABELS[one])}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Language and color scheme as menus, for the header. */
export function PreferenceMenus() {
  return (
    <Group gap={4} wrap="nowrap">
      <LanguageMenu />
      <SchemeMenu />
    </Group>
  );
}
