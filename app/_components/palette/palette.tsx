"use client";

import "@mantine/spotlight/styles.css";
import { useMantineColorScheme } from "@mantine/core";
import { createSpotlight, SpotlightRoot, SpotlightSearch } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useId, useRef } from "react";
import { announce } from "../feedback/announce";
import { focusOnNextPage, focusPage } from "../navigation/route-focus";
import { useSetLanguage } from "../preferences/preferences";
import { signOut } from "../session/sign-out";
import type { ConsoleOrganization, ConsoleUser } from "../shell/frame-data";
import { GROUPS, type PaletteEntry } from "./entry";
import classes from "./palette.module.css";
import { PaletteOption } from "./palette-option";
import { useEntries } from "./use-entries";

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

type Props = { readonly organization: ConsoleOrganization | undefined; readonly user: ConsoleUser };

/** Everything that has a name, found by typing; pages, apps, departments and what can be done. */
export function Palette({ organization, user }: Props) {
  const t = useTranslations("palette");
  const input = useRef<HTMLInputElement>(null);
  const { entries, query, setQuery, status } = useEntries(organization, user);
  const perform = usePerform();
  // Whoever loads it wants it open. Not before it is there, or it wouldn't know whom to give the focus back.
  useEffect(openPalette, []);
  const onChoose = (entry: PaletteEntry) => {
    close();
    perform(entry.action);
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

/** Does what an entry is for. A page is opened by the entry's own link; here is what goes with it. */
export function usePerform(): (action: PaletteEntry["action"]) => void {
  const t = useTranslations("error");
  const path = usePathname();
  const chooseLanguage = useSetLanguage();
  const { setColorScheme } = useMantineColorScheme();
  return (action) => {
    if (action.type === "language") chooseLanguage(action.locale);
    if (action.type === "scheme") setColorScheme(action.scheme);
    if (action.type === "signOut") signOut().catch(() => announce(t("network")));
    if (action.type !== "open") return;
    if (action.button) focusOnNextPage(action.button);
    // The page is there already, so no new one will take the focus.
    if (action.href === path) requestAnimationFrame(focusPage);
  };
}

type Store = ReturnType<typeof createSpotlight>[0];

type Parts = {
  readonly listId: string;
  readonly input: RefObject<HTMLInputElement | null>;
};

/** Tells a screen reader which line is selected, and keeps one selected while lines come and go. */
function tellSelection(store: Store, { listId, input }: Parts): void {
  const options = [...(document.getElementById(listId)?.querySelectorAll("[data-action]") ?? [])];
  const chosen = options.find((option) => option.hasAttribute("data-selected")) ?? options[0];
  // Only where it is missing: marking is what this is called for.
  if (chosen && !chosen.hasAttribute("data-selected")) chosen.setAttribute("data-selected", "true");
  for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) input.current?.setAttribute("aria-activedescendant", chosen.id);
  else input.current?.removeAttribute("aria-activedescendant");
  const index = chosen ? options.indexOf(chosen) : -1;
  if (index !== store.getState().selected) store.updateState((state) => ({ ...state, selected: index }));
}

/** Says which line is selected to screen readers, which Spotlight says to the eye alone. */
export function useSelection(store: Store, { listId, input }: Parts): void {
  useEffect(() => {
    // What Spotlight's own list does: its keys look for lines within it.
    store.updateState((state) => ({ ...state, listId }));
  }, [store, listId]);
  useEffect(() => tellSelection(store, { listId, input }));
  useEffect(() => {
    const list = document.getElementById(listId);
    if (!list) return;
    // Its keys mark the line in the page itself, and tell nobody who listens to the store.
    const observer = new MutationObserver(() => tellSelection(store, { listId, input }));
    observer.observe(list, { attributeFilter: ["data-selected"], subtree: true });
    return () => observer.disconnect();
  }, [store, listId, input]);
}
