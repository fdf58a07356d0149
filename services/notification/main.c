/* SPDX-License-Identifier: Apache-2.0 */
#include "notification/channels.h"
#include "notification/notification.h"
#include "runtime/service.h"

int main (int argc, char **argv)
{
    return service_main_with (&notification_service, &notification_channels, argc, argv);
}
