/* SPDX-License-Identifier: Apache-2.0 */
#include "routing/routing.h"
#include "runtime/service.h"

int main (int argc, char **argv)
{
    return service_main (&routing_service, argc, argv);
}
