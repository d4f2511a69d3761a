// The sentences of runs and traces.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/run.json";

addTexts("run", texts);
