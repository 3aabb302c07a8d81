"use client";

import { TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import { AppChoice, ChoiceGroup, useChosen } from "@/app/_components/forms/choice-group";
import { EVENT_TYPES, type EventType } from "@/lib/webhook-log/event-types";
import classes from "./webhooks.module.css";

export type NamedApp = { readonly id: string; readonly name: string };

export type ShownEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly types: readonly EventType[];
  readonly appIds: readonly string[] | null;
  readonly isOrdered: boolean;
};

type Props = {
  readonly apps: readonly NamedApp[];
  /** `null` for a new webhook. */
  readonly endpoint: ShownEndpoint | null;
  readonly errorOf: (field: string) => string | undefined;
};

const OBJECTS = [...new Set(EVENT_TYPES.map((type) => type.split(".")[0] ?? ""))];

type TypesProps = { readonly initial: readonly EventType[]; readonly error: string | undefined };

/** Selects event types, grouped by what they are about. */
function TypeChoice({ initial, error }: TypesProps) {
  const t = useTranslations("webhooks");
  const [chosen, toggle] = useChosen(initial);
  return (
    <ChoiceGroup
      legend={t("types")}
      help={t("typesHelp")}
      name="types"
      value={EVENT_TYPES.filter((type) => chosen.includes(type)).join(",")}
      error={error}
    >
      <div className={classes.types}>
        {OBJECTS.map((object) => (
          <div key={object} role="group" aria-labelledby={`types-${object}`}>
            <p id={`types-${object}`} className={classes.object}>
              {t(`object.${object}` as "object.app")}
            </p>
            <div className={classes.group}>
              {EVENT_TYPES.filter((type) => type.startsWith(`${object}.`)).map((type) => (
                <ChoiceBox
                  key={type}
                  type="checkbox"
                  label={t(`type.${type}`)}
                  checked={chosen.includes(type)}
                  onChange={() => toggle(type)}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
    </ChoiceGroup>
  );
}

/** The fields of a webhook. A stored URL is shown without its query. */
export function EndpointFields({ apps, endpoint, errorOf }: Props) {
  const t = useTranslations("webhooks");
  const [isOrdered, setOrdered] = useState(endpoint?.isOrdered ?? false);
  return (
    <>
      <TextInput
        label={t("url")}
        description={endpoint ? t("urlKept", { url: endpoint.url }) : t("urlHelp")}
        name="url"
        type="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={2_000}
        error={errorOf("url")}
      />
      <TypeChoice initial={endpoint?.types ?? []} error={errorOf("types")} />
      <AppChoice
        legend={t("apps")}
        help={t("appsHelp")}
        apps={apps}
        initial={endpoint?.appIds ?? null}
        error={errorOf("apps")}
      />
      <ChoiceBox
        type="checkbox"
        name="isOrdered"
        value="on"
        label={t("isOrdered")}
        help={t("isOrderedHelp")}
        checked={isOrdered}
        onChange={setOrdered}
      />
    </>
  );
}
