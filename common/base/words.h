/* SPDX-License-Identifier: Apache-2.0 */
/* Words that both the protocol and the tables number. The numbers stand in journals and in
 * proto/minqing/v1: they never change their meaning. */
#ifndef MINQING_BASE_WORDS_H
#define MINQING_BASE_WORDS_H

/* 信访目的. The purpose decides the course. */
enum purpose {
    PURPOSE_NONE = 0, /* not said; in a table: any */
    PURPOSE_APPEAL = 1,
    PURPOSE_REQUEST = 2,
    PURPOSE_SUGGESTION = 3,
    PURPOSE_ACCUSATION = 4,
    PURPOSE_INQUIRY = 5,
    PURPOSE_OTHER = 6,
    PURPOSE_COUNT
};

/* What a deadline counts. */
enum unit {
    UNIT_NONE = 0,
    UNIT_HOUR = 1,
    UNIT_DAY = 2,
    UNIT_WORKING_DAY = 3,
    UNIT_COUNT
};

/* The legal documents. */
enum document_kind {
    DOCUMENT_NONE = 0,
    DOCUMENT_ACCEPTANCE = 1,
    DOCUMENT_REFUSAL = 2,
    DOCUMENT_EXTENSION = 3,
    DOCUMENT_DECISION = 4,
    DOCUMENT_REVIEW = 5,
    DOCUMENT_REREVIEW = 6,
    DOCUMENT_NO_LONGER = 7,
    DOCUMENT_FORWARD = 8,
    DOCUMENT_ASSIGNMENT = 9,
    DOCUMENT_SUPERVISION = 10,
    DOCUMENT_AGREEMENT = 11,
    DOCUMENT_REPORT = 12,
    DOCUMENT_SERVICE = 13,
    DOCUMENT_COUNT
};

#endif
