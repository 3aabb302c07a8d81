"use client";

import { ActionIcon, Button, Group, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconLanguage, IconMoon } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { LOCALE_COOKIE, LOCALES, type Locale } from "@/lib/i18n/locales";
import { setChoiceCookie } from "./color-scheme";

/** Each language by its own name, whatever the present one is. */
export const OWN_NAMES = { "zh-CN": "中文", en: "English" } as const;

/** What each appearance is called: a key under `common` in `messages/`. */
export const SCHEMES = { light: "schemeLight", dark: "schemeDark", auto: "schemeAuto" } as const;

const check = (isChosen: boolean) =>
  isChosen ? <IconCheck size={16} aria-hidden /> : <span style={{ width: 16 }} />;

/** Chooses a language for this browser; the page is rendered in it at once. */
export function useChooseLanguage(): (chosen: Locale) => void {
  const router = useRouter();
  return (chosen) => {
    setChoiceCookie(LOCALE_COOKIE, chosen);
    router.refresh();
  };
}

function LanguageMenu() {
  const t = useTranslations("common");
  const locale = useLocale();
  const choose = useChooseLanguage();
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
            {OWN_NAMES[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The languages beside each other, for where there is room. */
function LanguageButtons() {
  const locale = useLocale();
  const choose = useChooseLanguage();
  return [...LOCALES].reverse().map((one) => (
    <Button
      key={one}
      lang={one}
      variant="subtle"
      color="gray"
      aria-pressed={one === locale}
      leftSection={one === locale && <IconCheck size={16} aria-hidden />}
      onClick={() => choose(one)}
    >
      {OWN_NAMES[one]}
    </Button>
  ));
}

type SchemeProps = { readonly isSpelledOut?: boolean };

function SchemeMenu({ isSpelledOut = false }: SchemeProps) {
  const t = useTranslations("common");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        {isSpelledOut ? (
          <Button variant="subtle" color="gray" leftSection={<IconMoon size={16} aria-hidden />}>
            {t("appearance")}
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" size={36} aria-label={t("appearance")}>
            <IconMoon size={20} aria-hidden />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(SCHEMES) as (keyof typeof SCHEMES)[]).map((one) => (
          <Menu.Item key={one} leftSection={check(one === colorScheme)} onClick={() => setColorScheme(one)}>
            {t(SCHEMES[one])}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Language and appearance, as the header has room for. */
export function ChoiceSwitches() {
  return (
    <Group gap={4} wrap="nowrap">
      <LanguageMenu />
      <SchemeMenu />
    </Group>
  );
}

/** The same in words: at the foot of the pages before one is signed in, and of the drawer. */
export function ChoicesInWords() {
  return (
    <Group gap={4}>
      <LanguageButtons />
      <SchemeMenu isSpelledOut />
    </Group>
  );
}
