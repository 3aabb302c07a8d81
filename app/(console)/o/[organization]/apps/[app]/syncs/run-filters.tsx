"use client";

import { NativeSelect } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { RUN_MODES, RUN_STATES, RUN_TRIGGERS } from "@/lib/directory/runs/run-states";
import type { RunsQuery } from "@/lib/directory/runs/schema";
import classes from "./syncs.module.css";

type Choice = Pick<RunsQuery, "state" | "trigger" | "mode">;

/** Filters for runs, kept in the address so that the list can be shared. */
export function RunFilters({ state, trigger, mode }: Choice) {
  const t = useTranslations("sync");
  const states = useTranslations("state.run");
  const router = useRouter();
  const path = usePathname();
  const choose = (change: { readonly [name in keyof Choice]: string }) => {
    const query = new URLSearchParams(
      Object.entries({ state, trigger, mode, ...change }).filter((entry): entry is [string, string] =>
        Boolean(entry[1]),
      ),
    );
    router.push(query.size > 0 ? `${path}?${query}` : path, { scroll: false });
  };
  const all = { value: "", label: t("filterAll") };
  return (
    <div className={classes.filters} role="group" aria-label={t("filters")}>
      <NativeSelect
        label={t("filterState")}
        value={state ?? ""}
        onChange={(event) => choose({ state: event.currentTarget.value })}
        data={[all, ...RUN_STATES.map((value) => ({ value, label: states(value) }))]}
      />
      <NativeSelect
        label={t("filterTrigger")}
        value={trigger ?? ""}
        onChange={(event) => choose({ trigger: event.currentTarget.value })}
        data={[all, ...RUN_TRIGGERS.map((value) => ({ value, label: t(`triggerName.${value}`) }))]}
      />
      <NativeSelect
        label={t("filterMode")}
        value={mode ?? ""}
        onChange={(event) => choose({ mode: event.currentTarget.value })}
        data={[all, ...RUN_MODES.map((value) => ({ value, label: t(`mode.${value}`) }))]}
      />
    </div>
  );
}
