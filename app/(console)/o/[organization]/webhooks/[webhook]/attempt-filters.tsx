"use client";

import { NativeSelect } from "@mantine/core";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { addressOf } from "@/app/_components/navigation/address-of";
import { EVENT_TYPES, TEST_EVENT_TYPE } from "@/lib/webhook-log/event-types";
import { ATTEMPT_OUTCOMES } from "@/lib/webhooks/endpoints/choices";
import type { AttemptsFilter } from "@/lib/webhooks/endpoints/schema";
import classes from "../webhooks.module.css";

type Choice = Pick<AttemptsFilter, "type" | "outcome">;

/** Filters for attempts, kept in the address so that the list can be shared. */
export function AttemptFilters({ type, outcome }: Choice) {
  const t = useTranslations("webhooks");
  const states = useTranslations("state.attempt");
  const router = useRouter();
  const path = usePathname();
  const choose = (change: { readonly [name in keyof Choice]: string }) =>
    router.push(addressOf(path, { type, outcome, ...change }), { scroll: false });
  const all = { value: "", label: t("all") };
  return (
    <div className={classes.filters} role="group" aria-label={t("filters")}>
      <NativeSelect
        label={t("column.type")}
        value={type ?? ""}
        onChange={(event) => choose({ type: event.currentTarget.value })}
        data={[
          all,
          ...[...EVENT_TYPES, TEST_EVENT_TYPE].map((value) => ({ value, label: t(`type.${value}`) })),
        ]}
      />
      <NativeSelect
        label={t("column.result")}
        value={outcome ?? ""}
        onChange={(event) => choose({ outcome: event.currentTarget.value })}
        data={[all, ...ATTEMPT_OUTCOMES.map((value) => ({ value, label: states(value) }))]}
      />
    </div>
  );
}
