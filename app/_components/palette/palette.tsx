"use client";

import "@mantine/spotlight/styles.css";
import { createSpotlight, SpotlightRoot, SpotlightSearch } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useId, useRef } from "react";
import type { ConsolePerson, ConsolePlace } from "../shell/frame-data";
import { GROUPS, type PaletteEntry } from "./entry";
import { PaletteOption } from "./option";
import classes from "./palette.module.css";
import { useEntries } from "./use-entries";
import { usePerform } from "./use-perform";
import { useSelection } from "./use-selection";

const LIST_ID = "palette-results";
const [store, { open, close }] = createSpotlight();

/** Opens the palette; one that is open stays as it is. */
export const openPalette = (): void => {
  if (!store.getState().opened) open();
};

type GroupProps = {
  readonly label: string;
  readonly entries: readonly PaletteEntry[];
  readonly onChoose: (entry: PaletteEntry) => void;
};

function Group({ label, entries, onChoose }: GroupProps) {
  const id = useId();
  if (entries.length === 0) return null;
  return (
    <div role="group" aria-labelledby={id}>
      <div id={id} className={classes.title}>
        {label}
      </div>
      {entries.map((entry) => (
        <PaletteOption key={entry.id} entry={entry} onChoose={onChoose} />
      ))}
    </div>
  );
}

type ResultsProps = {
  readonly entries: readonly PaletteEntry[];
  readonly input: RefObject<HTMLInputElement | null>;
  readonly onChoose: (entry: PaletteEntry) => void;
};

/** The lines; there only while the palette is open. */
function Results({ entries, input, onChoose }: ResultsProps) {
  const t = useTranslations("palette");
  useSelection(store, { listId: LIST_ID, input });
  return (
    <div id={LIST_ID} role="listbox" aria-label={t("results")} className={classes.list}>
      {GROUPS.map((group) => (
        <Group
          key={group}
          label={t(`group.${group}`)}
          entries={entries.filter((entry) => entry.group === group)}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

type Props = { readonly place: ConsolePlace | undefined; readonly person: ConsolePerson };

/** Everything that has a name, found by typing; pages, apps, departments and what can be done. */
export function Palette({ place, person }: Props) {
  const t = useTranslations("palette");
  const input = useRef<HTMLInputElement>(null);
  const { entries, query, setQuery, status } = useEntries(place, person);
  const perform = usePerform();
  // Whoever loads it wants it open. Not before it is there, or it wouldn't know whom to give the focus back.
  useEffect(openPalette, []);
  const onChoose = (entry: PaletteEntry) => {
    close();
    perform(entry.does);
  };
  return (
    <SpotlightRoot
      store={store}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      // At once: Spotlight forgets it only when it has faded away, and may be open again by then.
      onSpotlightClose={() => setQuery("")}
      attributes={{ content: { "aria-label": t("title") } }}
      classNames={{ content: classes.content, search: classes.search }}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
    >
      <SpotlightSearch
        ref={input}
        placeholder={t("placeholder")}
        leftSection={<IconSearch size={18} aria-hidden />}
        role="combobox"
        aria-label={t("title")}
        aria-expanded
        aria-controls={LIST_ID}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <Results entries={entries} input={input} onChoose={onChoose} />
      <p role="status" className={classes.status}>
        {status}
      </p>
      <p className={classes.keys} aria-hidden>
        {t("keys")}
      </p>
    </SpotlightRoot>
  );
}
