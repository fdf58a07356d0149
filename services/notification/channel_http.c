/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON POST, as group robots and SMS gateways take. Robots answer 200 to everything and
 * say in 'errcode' what they mean. */
#include "notification/channels_inside.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>

/* WeCom: -1 busy, 45009 too fast. DingTalk: -1 busy, 130101 too fast. */
static const json_int_t later_codes[] = { -1, 45009, 130101 };

static size_t receive (char *from, size_t size, size_t count, void *arg)
{
    struct sending *sending = arg;
    size_t room = CHANNEL_ANSWER_MAX - sending->answer.size;

    buffer_append (&sending->answer, from, size * count < room ? size * count : room);
    return size * count; /* what is behind the bound is read and dropped */
}

void channel_http_prepare (struct sending *sending,
                           const struct channel_settings *settings)
{
    sending->curl = curl_easy_init ();
    sending->list = curl_slist_append (NULL, "Content-Type: application/json");
    if (!sending->curl || !sending->list) {
        sending_end (sending, EX_TEMPFAIL, "no memory");
        return;
    }
    curl_easy_setopt (sending->curl, CURLOPT_URL, sending->address);
    curl_easy_setopt (sending->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (sending->curl, CURLOPT_HTTPHEADER, sending->list);
    curl_easy_setopt (sending->curl, CURLOPT_POSTFIELDS, sending->json);
    curl_easy_setopt (sending->curl, CURLOPT_POSTFIELDSIZE,
                      (long) strlen (sending->json));
    curl_easy_setopt (sending->curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt (sending->curl, CURLOPT_WRITEDATA, sending);
    curl_easy_setopt (sending->curl, CURLOPT_TIMEOUT_MS,
                      (long) settings->http_timeout_ms);
}

/* The robot's 'errcode'; 0 where the answer has none. */
static json_int_t error_code (const struct buffer *answer)
{
    json_t *object = json_loadb ((const char *) answer->data, answer->size, 0, NULL);
    json_int_t code = json_integer_value (json_object_get (object, "errcode"));

    json_decref (object);
    return code;
}

static void answered (struct sending *sending, long response)
{
    json_int_t code = sending->answer.size > 0 ? error_code (&sending->answer) : 0;

    for (size_t i = 0; i < ARRAY_SIZE (later_codes); i++)
        if (code == later_codes[i]) {
            sending_end (sending, EX_TEMPFAIL, "http %ld, errcode %lld", response,
                         (long long) code);
            return;
        }
    sending_end (sending, code == 0 ? EX_OK : EX_UNAVAILABLE, "http %ld, errcode %lld",
                 response, (long long) code);
}

void channel_http_finish (struct sending *sending, CURLcode code)
{
    long response = 0;

    curl_easy_getinfo (sending->curl, CURLINFO_RESPONSE_CODE, &response);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        sending_end (sending, EX_CONFIG, "%s", curl_easy_strerror (code));
    else if (code != CURLE_OK)
        sending_end (sending, EX_TEMPFAIL, "%s", curl_easy_strerror (code));
    else if (response >= 200 && response < 300)
        answered (sending, response);
    else if (response == 408 || response == 425 || response == 429 || response >= 500)
        sending_end (sending, EX_TEMPFAIL, "http %ld", response);
    else
        sending_end (sending, EX_UNAVAILABLE, "http %ld", response);
}
