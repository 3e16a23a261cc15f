//! Batches become sentences: how many items of which tables, and that each stands by itself.

use alloc::string::String;
use alloc::vec::Vec;

use super::Words;
use super::text::{self, add, count};
use crate::join::Join as _;
use crate::shape::Name;
use crate::tree::{Node, Structure};

impl Words<'_> {
    pub(super) fn batch_get(&mut self, input: &Structure) {
        let Some(Node::Map(tables)) = input.get(Name::RequestItems) else { return };
        let mut words = String::from("Reads ");
        let mut all = 0;
        text::list(&mut words, tables, " and ", |out, (table, work)| {
            let keys = members(work, Name::Keys);
            add(out, &[&count(keys, "item"), " from ", table]);
        });
        for (_, work) in tables {
            all += members(work, Name::Keys);
        }
        words.push_str(if all == 1 { " by its key." } else { " by their keys." });
        self.sentences.push(words);
        if all > 100 {
            self.say(&["A call takes at most 100 keys, so there are several."]);
        }
        for (table, work) in tables {
            let Node::Structure(work) = work else { continue };
            let of = [" of each item of ", table, "."].together();
            self.projection(work, "It returns only ", &of);
        }
        let strong = |(_, work): &&(String, Node)| matches!(work, Node::Structure(work) if matches!(work.get(Name::ConsistentRead), Some(Node::Boolean(true))));
        match (tables.iter().find(strong), tables.iter().all(|table| strong(&table))) {
            (_, true) => {
                self.say(&["The reads are strongly consistent: they see every write that succeeded before them."])
            }
            (Some(_), _) => {
                let mut words = String::from("The reads are strongly consistent in ");
                text::list(
                    &mut words,
                    &tables.iter().filter(strong).collect::<Vec<_>>(),
                    " and ",
                    |out, (table, _)| {
                        text::table(out, table);
                    },
                );
                words.push_str("; in the other tables they may miss a write of the last moment.");
                self.sentences.push(words);
            }
            _ => self.say(&["The reads are eventually consistent: they may miss a write of the last moment."]),
        }
        self.say(&["The items come in no particular order; one that is not there is left out."]);
    }

    pub(super) fn batch_write(&mut self, input: &Structure) {
        let Some(Node::Map(tables)) = input.get(Name::RequestItems) else { return };
        let is_put = |write: &&Node| matches!(write, Node::Structure(write) if write.get(Name::PutRequest).is_some());
        let (mut phrases, mut all, mut all_puts) = (Vec::new(), 0, 0);
        for (table, writes) in tables {
            let Node::List(writes) = writes else { continue };
            let puts = writes.iter().filter(is_put).count();
            if puts > 0 {
                phrases.push(["puts ", &count(puts, "item"), " into ", table].together());
            }
            if puts < writes.len() {
                phrases.push(["deletes ", &count(writes.len() - puts, "item"), " from ", table].together());
            }
            all += writes.len();
            all_puts += puts;
        }
        let mut words = String::from("In a batch, it ");
        text::list(&mut words, &phrases, " and ", |out, phrase| out.push_str(phrase));
        words.push('.');
        self.sentences.push(words);
        if all > 25 {
            self.say(&["A call takes at most 25 writes, so there are several."]);
        }
        if all_puts > 0 {
            self.say(&["An item that is there under the same key as one that is put is replaced as a whole."]);
        }
        if all > 1 {
            self.say(&[
                "Each write stands by itself: some may be made while others are not; the reply says which are left.",
            ]);
        }
    }
}

fn members(work: &Node, name: Name) -> usize {
    match work {
        Node::Structure(work) => match work.get(name) {
            Some(Node::List(members)) => members.len(),
            _ => 0,
        },
        _ => 0,
    }
}
