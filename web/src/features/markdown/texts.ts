// The chat's sentences, which markdown speaks too.
import { addTexts } from "~/i18n/add-texts";
import texts from "~/i18n/en/chat.json";

addTexts("chat", texts);
