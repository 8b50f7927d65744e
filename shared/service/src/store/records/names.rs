//! What attributes are called whose names have several words, in the items of runs and in steps' heads: by the
//! initials, since a list pays for the names of a hundred runs. One word stays as it is, and other items have whole
//! names.

macro_rules! initials {
    ($($name:ident = $initials:literal;)*) => {
        $(pub(in crate::store) const $name: &str = $initials;)*
        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

initials! {
    STARTED_AT = "sa";
    FINISHED_AT = "fa";
    CREATED_AT = "ca";
    UPDATED_AT = "ua";
    FIRST_MESSAGE = "fm";
    ENDPOINT_LABEL = "el";
    FIRST_STEP = "fs";
    ROOT_CHAT_ID = "rci";
    PARENT_CHAT_ID = "pci";
    MODEL_CONFIG_ID = "mci";
    TRIGGER_MESSAGE_ID = "tmi";
    HISTORY_TIP_MESSAGE_ID = "htmi";
    ASSISTANT_MESSAGE_ID = "ami";
    LAST_MESSAGE_ID = "lmi";
    INPUT_TOKENS = "it";
    OUTPUT_TOKENS = "ot";
    REASONING_TOKENS = "rt";
    CACHE_CREATION_TOKENS = "cct";
    CACHE_READ_TOKENS = "crt";
    STORED_BYTES = "sb";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_is_the_initials_of_its_words_and_no_others() {
        for (name, initials) in ALL {
            let of_words: String = name.split('_').filter_map(|word| word.chars().next()).collect();
            assert_eq!(of_words.to_lowercase(), *initials, "{name}");
        }
        let different: HashSet<_> = ALL.iter().map(|(_, initials)| initials).collect();
        assert_eq!(different.len(), ALL.len());
    }
}
