"use client";

import { NativeSelect } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { EVENT_STATES, EVENT_TYPES } from "@/lib/events/event-states";
import type { EventsQuery } from "@/lib/events/schema";
import classes from "./events.module.css";

type Choice = Pick<EventsQuery, "type" | "state">;

/** Filters for events, kept in the address so that the list can be shared. */
export function EventFilters({ type, state }: Choice) {
  const t = useTranslations("events");
  const states = useTranslations("state.event");
  const router = useRouter();
  const path = usePathname();
  const choose = (change: { readonly [name in keyof Choice]: string }) => {
    const query = new URLSearchParams(
      Object.entries({ type, state, ...change }).filter((entry): entry is [string, string] =>
        Boolean(entry[1]),
      ),
    );
    router.push(query.size > 0 ? `${path}?${query}` : path, { scroll: false });
  };
  const all = { value: "", label: t("all") };
  return (
    <div className={classes.filters} role="group" aria-label={t("filters")}>
      <NativeSelect
        label={t("column.type")}
        value={type ?? ""}
        onChange={(event) => choose({ type: event.currentTarget.value })}
        data={[all, ...EVENT_TYPES.map((value) => ({ value, label: `${t(`type.${value}`)} · ${value}` }))]}
      />
      <NativeSelect
        label={t("column.state")}
        value={state ?? ""}
        onChange={(event) => choose({ state: event.currentTarget.value })}
        data={[all, ...EVENT_STATES.map((value) => ({ value, label: states(value) }))]}
      />
    </div>
  );
}
