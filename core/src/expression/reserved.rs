//! A bare attribute name is told to be one of DynamoDB's reserved words, or not.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html>

#[cfg(feature = "compact")]
use core::cmp::Ordering;

macro_rules! words {
    ($($word:ident)*) => {
        /// The reserved words in order, all 573.
        pub const RESERVED_WORDS: &[&str] = &[$(stringify!($word)),*];

        /// The same, each as one number: comparing these takes a third of the time, and more room.
        #[cfg(not(feature = "compact"))]
        const PACKED: &[u128] = &[$(pack(stringify!($word))),*];
    };
}

/// Length of the longest word.
const LONGEST: usize = 14;

/// Whether `name` is reserved, in any case.
///
/// ```
/// use gateleg_core::expression::is_reserved;
/// assert!(is_reserved("Status") && !is_reserved("state_of_things"));
/// ```
pub fn is_reserved(name: &str) -> bool {
    is_listed(name)
}

#[cfg(not(feature = "compact"))]
fn is_listed(name: &str) -> bool {
    name.len() <= LONGEST && PACKED.binary_search(&pack(name)).is_ok()
}

/// Up to 16 characters as one number, in upper case; numbers are in the order of the words.
#[cfg(not(feature = "compact"))]
const fn pack(word: &str) -> u128 {
    let mut bytes = word.as_bytes();
    let mut packed = 0;
    let mut room = u128::BITS;
    while let [byte, rest @ ..] = bytes
        && room > 0
    {
        room -= 8;
        packed |= (byte.to_ascii_uppercase() as u128) << room;
        bytes = rest;
    }
    packed
}

#[cfg(feature = "compact")]
fn is_listed(name: &str) -> bool {
    let length = name.len();
    let mut upper = [0; LONGEST];
    let (Some(upper), Some(&[start, end])) = (upper.get_mut(..length), STARTS.get(length..length + 2)) else {
        return false;
    };
    upper.copy_from_slice(name.as_bytes());
    upper.make_ascii_uppercase();
    let mut words = BY_LENGTH.get(start..end).unwrap_or_default();
    while !words.is_empty() {
        let middle = words.len() / length / 2 * length;
        let Some((before, rest)) = words.split_at_checked(middle) else { return false };
        let Some((word, after)) = rest.split_at_checked(length) else { return false };
        words = match (*upper).cmp(word) {
            Ordering::Less => before,
            Ordering::Equal => return true,
            Ordering::Greater => after,
        };
    }
    false
}

/// The words again, those of one length together and in order, one after the other: less than half of what as many pointers would be.
#[cfg(feature = "compact")]
static BY_LENGTH: [u8; BYTES] = by_length().0;

/// Where in [`BY_LENGTH`] the words of each length start, and all end.
#[cfg(feature = "compact")]
static STARTS: [usize; LONGEST + 2] = by_length().1;

#[cfg(feature = "compact")]
const BYTES: usize = {
    let (mut bytes, mut words) = (0, RESERVED_WORDS);
    while let [word, rest @ ..] = words {
        bytes += word.len();
        words = rest;
    }
    bytes
};

#[cfg(feature = "compact")]
#[expect(clippy::indexing_slicing, reason = "done by the compiler, which would complain")]
const fn by_length() -> ([u8; BYTES], [usize; LONGEST + 2]) {
    let (mut bytes, mut starts) = ([0; BYTES], [0; LONGEST + 2]);
    let (mut end, mut length) = (0, 0);
    while length <= LONGEST {
        starts[length] = end;
        let mut words = RESERVED_WORDS;
        while let [word, rest @ ..] = words {
            if word.len() == length {
                bytes.split_at_mut(end).1.split_at_mut(length).0.copy_from_slice(word.as_bytes());
                end += length;
            }
            words = rest;
        }
        length += 1;
    }
    starts[length] = end;
    (bytes, starts)
}

words! {
    ABORT ABSOLUTE ACTION ADD AFTER AGENT AGGREGATE ALL ALLOCATE ALTER ANALYZE AND ANY ARCHIVE ARE ARRAY AS ASC ASCII
    ASENSITIVE ASSERTION ASYMMETRIC AT ATOMIC ATTACH ATTRIBUTE AUTH AUTHORIZATION AUTHORIZE AUTO AVG BACK BACKUP BASE
    BATCH BEFORE BEGIN BETWEEN BIGINT BINARY BIT BLOB BLOCK BOOLEAN BOTH BREADTH BUCKET BULK BY BYTE CALL CALLED
    CALLING CAPACITY CASCADE CASCADED CASE CAST CATALOG CHAR CHARACTER CHECK CLASS CLOB CLOSE CLUSTER CLUSTERED
    CLUSTERING CLUSTERS COALESCE COLLATE COLLATION COLLECTION COLUMN COLUMNS COMBINE COMMENT COMMIT COMPACT COMPILE
    COMPRESS CONDITION CONFLICT CONNECT CONNECTION CONSISTENCY CONSISTENT CONSTRAINT CONSTRAINTS CONSTRUCTOR CONSUMED
    CONTINUE CONVERT COPY CORRESPONDING COUNT COUNTER CREATE CROSS CUBE CURRENT CURSOR CYCLE DATA DATABASE DATE
    DATETIME DAY DEALLOCATE DEC DECIMAL DECLARE DEFAULT DEFERRABLE DEFERRED DEFINE DEFINED DEFINITION DELETE DELIMITED
    DEPTH DEREF DESC DESCRIBE DESCRIPTOR DETACH DETERMINISTIC DIAGNOSTICS DIRECTORIES DISABLE DISCONNECT DISTINCT
    DISTRIBUTE DO DOMAIN DOUBLE DROP DUMP DURATION DYNAMIC EACH ELEMENT ELSE ELSEIF EMPTY ENABLE END EQUAL EQUALS
    ERROR ESCAPE ESCAPED EVAL EVALUATE EXCEEDED EXCEPT EXCEPTION EXCEPTIONS EXCLUSIVE EXEC EXECUTE EXISTS EXIT EXPLAIN
    EXPLODE EXPORT EXPRESSION EXTENDED EXTERNAL EXTRACT FAIL FALSE FAMILY FETCH FIELDS FILE FILTER FILTERING FINAL
    FINISH FIRST FIXED FLATTERN FLOAT FOR FORCE FOREIGN FORMAT FORWARD FOUND FREE FROM FULL FUNCTION FUNCTIONS GENERAL
    GENERATE GET GLOB GLOBAL GO GOTO GRANT GREATER GROUP GROUPING HANDLER HASH HAVE HAVING HEAP HIDDEN HOLD HOUR
    IDENTIFIED IDENTITY IF IGNORE IMMEDIATE IMPORT IN INCLUDING INCLUSIVE INCREMENT INCREMENTAL INDEX INDEXED INDEXES
    INDICATOR INFINITE INITIALLY INLINE INNER INNTER INOUT INPUT INSENSITIVE INSERT INSTEAD INT INTEGER INTERSECT
    INTERVAL INTO INVALIDATE IS ISOLATION ITEM ITEMS ITERATE JOIN KEY KEYS LAG LANGUAGE LARGE LAST LATERAL LEAD
    LEADING LEAVE LEFT LENGTH LESS LEVEL LIKE LIMIT LIMITED LINES LIST LOAD LOCAL LOCALTIME LOCALTIMESTAMP LOCATION
    LOCATOR LOCK LOCKS LOG LOGED LONG LOOP LOWER MAP MATCH MATERIALIZED MAX MAXLEN MEMBER MERGE METHOD METRICS MIN
    MINUS MINUTE MISSING MOD MODE MODIFIES MODIFY MODULE MONTH MULTI MULTISET NAME NAMES NATIONAL NATURAL NCHAR NCLOB
    NEW NEXT NO NONE NOT NULL NULLIF NUMBER NUMERIC OBJECT OF OFFLINE OFFSET OLD ON ONLINE ONLY OPAQUE OPEN OPERATOR
    OPTION OR ORDER ORDINALITY OTHER OTHERS OUT OUTER OUTPUT OVER OVERLAPS OVERRIDE OWNER PAD PARALLEL PARAMETER
    PARAMETERS PARTIAL PARTITION PARTITIONED PARTITIONS PATH PERCENT PERCENTILE PERMISSION PERMISSIONS PIPE PIPELINED
    PLAN POOL POSITION PRECISION PREPARE PRESERVE PRIMARY PRIOR PRIVATE PRIVILEGES PROCEDURE PROCESSED PROJECT
    PROJECTION PROPERTY PROVISIONING PUBLIC PUT QUERY QUIT QUORUM RAISE RANDOM RANGE RANK RAW READ READS REAL REBUILD
    RECORD RECURSIVE REDUCE REF REFERENCE REFERENCES REFERENCING REGEXP REGION REINDEX RELATIVE RELEASE REMAINDER
    RENAME REPEAT REPLACE REQUEST RESET RESIGNAL RESOURCE RESPONSE RESTORE RESTRICT RESULT RETURN RETURNING RETURNS
    REVERSE REVOKE RIGHT ROLE ROLES ROLLBACK ROLLUP ROUTINE ROW ROWS RULE RULES SAMPLE SATISFIES SAVE SAVEPOINT SCAN
    SCHEMA SCOPE SCROLL SEARCH SECOND SECTION SEGMENT SEGMENTS SELECT SELF SEMI SENSITIVE SEPARATE SEQUENCE
    SERIALIZABLE SESSION SET SETS SHARD SHARE SHARED SHORT SHOW SIGNAL SIMILAR SIZE SKEWED SMALLINT SNAPSHOT SOME
    SOURCE SPACE SPACES SPARSE SPECIFIC SPECIFICTYPE SPLIT SQL SQLCODE SQLERROR SQLEXCEPTION SQLSTATE SQLWARNING START
    STATE STATIC STATUS STORAGE STORE STORED STREAM STRING STRUCT STYLE SUB SUBMULTISET SUBPARTITION SUBSTRING SUBTYPE
    SUM SUPER SYMMETRIC SYNONYM SYSTEM TABLE TABLESAMPLE TEMP TEMPORARY TERMINATED TEXT THAN THEN THROUGHPUT TIME
    TIMESTAMP TIMEZONE TINYINT TO TOKEN TOTAL TOUCH TRAILING TRANSACTION TRANSFORM TRANSLATE TRANSLATION TREAT TRIGGER
    TRIM TRUE TRUNCATE TTL TUPLE TYPE UNDER UNDO UNION UNIQUE UNIT UNKNOWN UNLOGGED UNNEST UNPROCESSED UNSIGNED UNTIL
    UPDATE UPPER URL USAGE USE USER USERS USING UUID VACUUM VALUE VALUED VALUES VARCHAR VARIABLE VARIANCE VARINT
    VARYING VIEW VIEWS VIRTUAL VOID WAIT WHEN WHENEVER WHERE WHILE WINDOW WITH WITHIN WITHOUT WORK WRAPPED WRITE YEAR
    ZONE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_573_words_are_known_in_any_case() {
        assert_eq!(RESERVED_WORDS.len(), 573);
        assert!(RESERVED_WORDS.is_sorted());
        for word in RESERVED_WORDS {
            assert!(word.len() <= LONGEST && is_reserved(word) && is_reserved(&word.to_lowercase()), "{word}");
        }
        assert!(!is_reserved(&"A".repeat(LONGEST)) && !is_reserved(&"A".repeat(LONGEST + 1)));
        assert!(!is_reserved("") && !is_reserved("a") && !is_reserved("ABORTS"));
    }
}
