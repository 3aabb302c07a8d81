"use client";

import { Button, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { DisplayName } from "@/app/_components/text/display-name";
import type { FoundNode, SearchAnswer } from "@/lib/directory/search/schema";
import type { ChosenDepartment } from "@/lib/directory/settings/commands";
import classes from "./directory-settings.module.css";

const HITS_MAX = 20;

type Props = {
  readonly name: string;
  readonly label: string;
  /** Shown when no department is chosen. */
  readonly empty: string;
  /** Address of the search route. */
  readonly search: string;
  readonly chosen: readonly ChosenDepartment[];
  readonly error: string | undefined;
};

type Hit = { readonly id: string; readonly name: string; readonly path: string };

function hitsOf(answer: SearchAnswer): Hit[] {
  if (answer.outcome !== "found") return [];
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const pathTo = (node: FoundNode): string[] => {
    const parent = node.parentId === null ? undefined : nodes.get(node.parentId);
    return parent ? [...pathTo(parent), parent.name] : [];
  };
  return answer.hitIds.flatMap((id) => {
    const node = nodes.get(id);
    return node ? [{ id, name: node.name, path: pathTo(node).join(" › ") }] : [];
  });
}

/** Selects departments, including everything below them, by searching name, pinyin or id. */
export function ChosenDepartments({ name, label, empty, search, chosen, error }: Props) {
  const t = useTranslations("directorySettings");
  const [list, setList] = useState(chosen);
  const [hits, setHits] = useState<readonly Hit[] | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const nameless = t("nameless");
  const headId = useId();

  const find = async () => {
    const text = field.current?.value.trim() ?? "";
    if (text === "") return setHits(null);
    const answer = await fetch(`${search}?limit=${HITS_MAX}&q=${encodeURIComponent(text)}`).catch(() => null);
    const found = answer?.ok ? hitsOf((await answer.json()) as SearchAnswer) : [];
    setHits(found);
    announce(t("found", { n: found.length }));
  };
  const onEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void find();
  };
  const choose = ({ id, name: found }: Hit) => {
    setList((before) => (before.some((each) => each.id === id) ? before : [...before, { id, name: found }]));
    setHits(null);
    if (field.current) field.current.value = "";
    field.current?.focus();
    announce(t("chosen", { name: found }));
  };
  const drop = (id: string) => {
    setList((before) => before.filter((each) => each.id !== id));
    field.current?.focus();
  };
  return (
    <section className={classes.chosen} aria-labelledby={headId}>
      <strong id={headId}>{label}</strong>
      <input type="hidden" name={name} value={list.map(({ id }) => id).join(" ")} />
      {list.length === 0 ? (
        <span className={classes.empty}>{empty}</span>
      ) : (
        <ul className={classes.list}>
          {list.map(({ id, name: called }) => (
            <li key={id}>
              <span>
                <DisplayName name={called ?? ""} nameless={id} isClamped />
              </span>
              <Button
                variant="default"
                size="xs"
                onClick={() => drop(id)}
                aria-label={t("dropNamed", { name: called ?? id })}
              >
                {t("drop")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <TextInput
        ref={field}
        label={t("search")}
        onKeyDown={onEnter}
        error={error}
        rightSectionWidth={72}
        rightSection={
          <Button variant="subtle" size="compact-sm" onClick={() => void find()}>
            {t("find")}
          </Button>
        }
      />
      {hits !== null &&
        (hits.length === 0 ? (
          <span className={classes.empty}>{t("foundNone")}</span>
        ) : (
          <ul className={classes.list} aria-label={t("found", { n: hits.length })}>
            {hits.map((hit) => (
              <li key={hit.id}>
                <span>
                  <DisplayName name={hit.name} nameless={nameless} isClamped />
                  <span className={classes.path}> {hit.path}</span>
                </span>
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => choose(hit)}
                  aria-label={t("chooseNamed", { name: hit.name })}
                >
                  {t("choose")}
                </Button>
              </li>
            ))}
          </ul>
        ))}
    </section>
  );
}
