import { getTranslations } from "next-intl/server";
import { ActionButton } from "@/app/_components/forms/action-button";
import type { EventWay } from "@/lib/events/subscription/schema";
import { chooseWayAction } from "./actions";
import classes from "./events.module.css";

type Props = { readonly organization: string; readonly app: string; readonly way: EventWay };

/** A way in which DingTalk can deliver events. */
export async function Way({ way }: Pick<Props, "way">) {
  const t = await getTranslations("events");
  return (
    <div>
      <h3 style={{ fontSize: 14, margin: "0 0 4px" }}>{t(`wayOf.${way}`)}</h3>
      <p style={{ margin: 0 }}>{t(`wayHelp.${way}`)}</p>
    </div>
  );
}

/** Another way than the present one, with the button that chooses the way. */
export async function ChooseWay({ organization, app, way }: Props) {
  const t = await getTranslations("events");
  return (
    <>
      <Way way={way} />
      <div className={classes.fitting}>
        <ActionButton
          action={chooseWayAction.bind(null, organization)}
          fields={{ app, way }}
          label={t(`useWay.${way}`)}
          pendingLabel={t("choosingWay")}
          variant="default"
        />
      </div>
    </>
  );
}
