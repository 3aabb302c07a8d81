"use client";

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useRef } from "react";
import { PLANNED_KINDS } from "@/lib/directory/changes/change-kinds";
import classes from "./changes.module.css";

type Props = {
  readonly object: string;
  readonly kind: string | undefined;
  readonly q: string | undefined;
  /** Further query parameters to keep. */
  readonly keptParameters?: Readonly<Record<string, string>>;
};

/** Filters for changes, kept in the address so that the list can be shared. */
export function ChangeFilters({ object, kind, q, keptParameters }: Props) {
  const t = useTranslations("changes");
  const router = useRouter();
  const path = usePathname();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // Back navigation changes `q` too. Setting the value keeps the field, and with it the focus.
    const field = form.current?.elements.namedItem("q");
    if (field instanceof HTMLInputElement) field.value = q ?? "";
  }, [q]);
  const search = (event?: FormEvent) => {
    event?.preventDefault();
    if (!form.current) return;
    const typed = [...new FormData(form.current)].flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && value.trim() !== "" ? [[name, value.trim()]] : [],
    );
    router.push(
      `${path}?${new URLSearchParams([...Object.entries({ ...keptParameters, object }), ...typed])}`,
      {
        scroll: false,
      },
    );
  };
  return (
    <form ref={form} onSubmit={search} className={classes.filters} role="search" aria-label={t("filters")}>
      <NativeSelect
        name="kind"
        label={t("kind")}
        value={kind ?? ""}
        onChange={() => search()}
        data={[
          { value: "", label: t("all") },
          ...PLANNED_KINDS.map((value) => ({ value, label: t(`kindOf.${value}`) })),
        ]}
      />
      <TextInput name="q" label={t("name")} defaultValue={q} maxLength={128} spellCheck={false} />
      <Button type="submit" variant="default">
        {t("find")}
      </Button>
    </form>
  );
}
