"use client";

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useRef } from "react";
import { CALL_OUTCOMES } from "@/lib/calls/call";
import { type FILTERS, OWN } from "@/lib/calls/filters";
import type { CallsQuery } from "@/lib/calls/schema";
import classes from "./calls.module.css";

type Named = { readonly id: string; readonly name: string };
type Props = {
  readonly filters: Pick<CallsQuery, (typeof FILTERS)[number]>;
  readonly apps: readonly Named[];
  readonly keys: readonly Named[];
};

const toChoices = (named: readonly Named[]) => named.map(({ id, name }) => ({ value: id, label: name }));

/** Filters for calls, kept in the address so that the list can be shared. */
export function CallFilters({ filters: { app, key, outcome, path, request }, apps, keys }: Props) {
  const t = useTranslations("calls");
  const outcomes = useTranslations("state.call");
  const router = useRouter();
  const pathname = usePathname();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // Back navigation changes them too. Setting the values keeps the fields, and with them the focus.
    for (const [name, value] of Object.entries({ path, request })) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value ?? "";
    }
  }, [path, request]);
  const search = (event?: FormEvent) => {
    event?.preventDefault();
    if (!form.current) return;
    const typed = [...new FormData(form.current)].flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && value.trim() !== "" ? [[name, value.trim()]] : [],
    );
    const query = new URLSearchParams(typed);
    router.push(query.size > 0 ? `${pathname}?${query}` : pathname, { scroll: false });
  };
  const select = (name: string, value: string | undefined) => ({
    name,
    label: t(`column.${name}` as "column.app"),
    value: value ?? "",
    onChange: () => search(),
  });
  const all = { value: "", label: t("all") };
  return (
    <form ref={form} onSubmit={search} className={classes.filters} role="search" aria-label={t("filters")}>
      <NativeSelect {...select("app", app)} data={[all, ...toChoices(apps)]} />
      <NativeSelect
        {...select("key", key)}
        data={[all, { value: OWN, label: t("own") }, ...toChoices(keys)]}
      />
      <NativeSelect
        {...select("outcome", outcome)}
        data={[all, ...CALL_OUTCOMES.map((value) => ({ value, label: outcomes(value) }))]}
      />
      <TextInput label={t("pathPart")} name="path" defaultValue={path} maxLength={200} spellCheck={false} />
      <TextInput
        label={t("column.request")}
        name="request"
        defaultValue={request}
        maxLength={200}
        spellCheck={false}
      />
      <Button type="submit" variant="default">
        {t("search")}
      </Button>
    </form>
  );
}
