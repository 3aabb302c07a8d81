"use client";

import { Button, Group, useMantineColorScheme } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useLocale, useTranslations } from "next-intl";
import { LOCALES } from "@/lib/i18n/locales";
import classes from "./preference-buttons.module.css";
import { LANGUAGE_NAMES, SCHEME_LABELS, useSetLanguage } from "./preferences";

type ChoiceProps = {
  readonly name: string;
  readonly lang?: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
};

const Choice = ({ name, lang, isChosen, onChoose }: ChoiceProps) => (
  <Button
    lang={lang}
    variant="subtle"
    color="gray"
    aria-pressed={isChosen}
    leftSection={isChosen && <IconCheck size={16} aria-hidden />}
    onClick={onChoose}
  >
    {name}
  </Button>
);

/**
 * Language and color scheme as plain buttons, for the drawer and the pages before sign-in. A menu would add a fifth
 * to the script size of those pages.
 */
export function PreferenceButtons() {
  const t = useTranslations("common");
  const locale = useLocale();
  const chooseLanguage = useSetLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.choices}>
      <Group gap={4} role="group" aria-label={t("language")}>
        {[...LOCALES].reverse().map((one) => (
          <Choice
            key={one}
            name={LANGUAGE_NAMES[one]}
            lang={one}
            isChosen={one === locale}
            onChoose={() => chooseLanguage(one)}
          />
        ))}
      </Group>
      <Group gap={4} role="group" aria-label={t("appearance")}>
        {(Object.keys(SCHEME_LABELS) as (keyof typeof SCHEME_LABELS)[]).map((one) => (
          <Choice
            key={one}
            name={t(SCHEME_LABELS[one])}
            isChosen={one === colorScheme}
            onChoose={() => setColorScheme(one)}
          />
        ))}
      </Group>
    </div>
  );
}
