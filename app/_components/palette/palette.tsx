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
import type { ConsoleOrganization, ConsoleUser } from "../shell/frame-types";
import { GROUPS, type PaletteEntry } from "./entry";
import classes from "./palette.module.css";
import { PaletteOption } from "./palette-option";
import { useEntries } from "./use-entries";

const LIST_ID = "palette-results";
const [store, { open, close }] = createSpotlight();

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

/** The result list, mounted only while the palette is open. */
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

/** The command palette: finds pages, apps, departments, people and actions by typing. */
export function Palette({ organization, user }: Props) {
  const t = useTranslations("palette");
  const input = useRef<HTMLInputElement>(null);
  const { entries, query, setQuery, status } = useEntries(organization, user);
  const perform = usePerform();
  // Opens on load. Opening before the mount would lose the element that gets the focus back.
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
      // Spotlight clears the query only after its fade-out, when it may be open again.
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

/**
 * Returns a function that runs an entry's action. For `open`, the entry's link navigates, and this handles the focus.
 */
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
    // No navigation happens, so nothing else moves the focus.
    if (action.href === path) requestAnimationFrame(focusPage);
  };
}

type Store = ReturnType<typeof createSpotlight>[0];

type Parts = {
  readonly listId: string;
  readonly input: RefObject<HTMLInputElement | null>;
};

/** Marks the selected option for screen readers, and keeps one selected while the list changes. */
function syncSelection(store: Store, { listId, input }: Parts): void {
  const options = [...(document.getElementById(listId)?.querySelectorAll("[data-action]") ?? [])];
  const chosen = options.find((option) => option.hasAttribute("data-selected")) ?? options[0];
  // Only if missing, because the change triggers the observer that calls this function.
  if (chosen && !chosen.hasAttribute("data-selected")) chosen.setAttribute("data-selected", "true");
  for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) input.current?.setAttribute("aria-activedescendant", chosen.id);
  else input.current?.removeAttribute("aria-activedescendant");
  const index = chosen ? options.indexOf(chosen) : -1;
  if (index !== store.getState().selected) store.updateState((state) => ({ ...state, selected: index }));
}

/** Exposes Spotlight's selection to screen readers; Spotlight itself only styles it. */
export function useSelection(store: Store, { listId, input }: Parts): void {
  useEffect(() => {
    // Spotlight's key handling looks for options inside the list with this id.
    store.updateState((state) => ({ ...state, listId }));
  }, [store, listId]);
  useEffect(() => syncSelection(store, { listId, input }));
  useEffect(() => {
    const list = document.getElementById(listId);
    if (!list) return;
    // Spotlight's keys change the DOM without updating the store.
    const observer = new MutationObserver(() => syncSelection(store, { listId, input }));
    observer.observe(list, { attributeFilter: ["data-selected"], subtree: true });
    return () => observer.disconnect();
  }, [store, listId, input]);
}
